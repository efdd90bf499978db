"""Runs torch.optim's rules and schedules on small problems and writes what came out to golden.json.

Run it in this folder: /usr/bin/python3 golden.py (made with PyTorch 1.13).

The problem: minimise sum(w (m - 0.5)^2)/2 + sum(|v|^3)/3 over a matrix m [2 3], which weight decay applies to, and a vector v [3],
which it leaves alone.
"""
import json

import torch
from torch import optim


def start():
    matrix = torch.tensor([[1.0, -1.0, 2.0], [0.5, -3.0, 0.25]], requires_grad=True)
    vector = torch.tensor([1.0, -2.0, 0.1], requires_grad=True)
    return matrix, vector


def run(make, clip=0):
    matrix, vector = start()
    opt = make(matrix, vector)
    path = []
    for _ in range(5):
        opt.zero_grad()
        loss = (torch.tensor([1.0, 2.0, 0.1]) * (matrix - 0.5) ** 2).sum() / 2 + (vector ** 2 * vector.abs()).sum() / 3
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([matrix, vector], clip)
        opt.step()
        path.append(torch.cat([matrix.flatten(), vector]).tolist())
    return path


def groups(matrix, vector, decay):
    return [{"params": [matrix], "weight_decay": decay}, {"params": [vector], "weight_decay": 0}]


rules = {
    "sgd:momentum=0": run(lambda m, v: optim.SGD([m, v], lr=0.1)),
    "sgd": run(lambda m, v: optim.SGD([m, v], lr=0.1, momentum=0.9)),
    "sgd:momentum=0.8,nesterov=true,decay=0.1": run(
        lambda m, v: optim.SGD(groups(m, v, 0.1), lr=0.1, momentum=0.8, nesterov=True)),
    "adam": run(lambda m, v: optim.Adam([m, v], lr=0.1)),
    "adam:beta1=0.5,beta2=0.9,eps=1e-3": run(lambda m, v: optim.Adam([m, v], lr=0.1, betas=(0.5, 0.9), eps=1e-3)),
    "adamw:decay=0.3": run(lambda m, v: optim.AdamW(groups(m, v, 0.3), lr=0.1)),
    "clipped sgd:momentum=0": run(lambda m, v: optim.SGD([m, v], lr=0.1), clip=1.5),
}


def rates(make, steps=20):
    p = torch.zeros(1, requires_grad=True)
    opt = optim.SGD([p], lr=1)
    schedule = make(opt)
    factors = []
    for _ in range(steps):
        factors.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return factors


lr = optim.lr_scheduler


def warm_cosine(opt, w=5, steps=20):
    return lr.SequentialLR(opt, [
        lr.LinearLR(opt, start_factor=1 / w, total_iters=w - 1),
        lr.CosineAnnealingLR(opt, T_max=steps - w)], milestones=[w])


schedules = {
    "constant": rates(lambda o: lr.ConstantLR(o, factor=1)),
    "cosine": rates(lambda o: lr.CosineAnnealingLR(o, T_max=20)),
    "cosine:warmup=0.25": rates(warm_cosine),
    "multistep": rates(lambda o: lr.MultiStepLR(o, [10, 15])),
    "multistep:at=0.1/0.35/0.7,gamma=0.5": rates(lambda o: lr.MultiStepLR(o, [2, 7, 14], gamma=0.5)),
    "onecycle": rates(lambda o: lr.OneCycleLR(o, max_lr=1, total_steps=20, cycle_momentum=False)),
    "onecycle:warmup=0.45,div=10,final=50": rates(lambda o: lr.OneCycleLR(
        o, max_lr=1, total_steps=20, pct_start=0.45, div_factor=10, final_div_factor=50, cycle_momentum=False)),
    "step": rates(lambda o: lr.StepLR(o, 6)),
    "step:every=0.15,gamma=0.5": rates(lambda o: lr.StepLR(o, 3, gamma=0.5)),
}



def lines(table):
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in table.items())


with open("golden.json", "w") as f:
    f.write(f'{{\n "rules": {{\n{lines(rules)}\n }},\n "schedules": {{\n{lines(schedules)}\n }}\n}}\n')
