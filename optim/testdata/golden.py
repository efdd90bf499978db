"""Runs torch.optim's rules and schedules on small problems and writes what came out to golden.json.

Run it in this folder: python3 golden.py (made with PyTorch 2.15). LARS, LAMB, Muon and Lookahead, which torch.optim lacks or computes in bfloat16, are
written down here from their papers, in float64.

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


class Paper:
    """A rule that is written down here: step(p, grad, state, n) returns the next value of a parameter; state is a dict of its own."""

    def __init__(self, params, step):
        self.params, self.step_of, self.n = params, step, 0
        self.state = [{} for _ in params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        self.n += 1
        with torch.no_grad():
            for p, s in zip(self.params, self.state):
                p.copy_(self.step_of(p.double(), p.grad.double(), s, self.n))


def average(s, key, x, beta):
    s[key] = beta * s.get(key, torch.zeros_like(x)) + (1 - beta) * x
    return s[key]


def ratio(a, b):
    return a / b if a > 0 and b > 0 else 1.0


def lars(trust=0.001, momentum=0.9, decay=0.0, lr=0.1):
    def step(p, grad, s, n):
        matrix = p.dim() > 1
        w, d = p.norm(), grad.norm()
        local = trust * w / (d + decay * w) if matrix and w > 0 and d > 0 else 1.0
        g = grad + decay * p if matrix else grad
        s["b"] = momentum * s.get("b", torch.zeros_like(p)) + lr * local * g
        return p - s["b"]
    return lambda m, v: Paper([m, v], step)


def lamb(decay=0.01, eps=1e-6, lr=0.1):
    def step(p, grad, s, n):
        m, v = average(s, "m", grad, 0.9), average(s, "v", grad * grad, 0.999)
        u = m / (1 - 0.9 ** n) / ((v / (1 - 0.999 ** n)).sqrt() + eps)
        if p.dim() < 2:
            return p - lr * u
        u = u + decay * p
        return p - lr * ratio(p.norm(), u.norm()) * u
    return lambda m, v: Paper([m, v], step)


def orthogonal(x, steps):
    """Newton-Schulz in terms of singular values: the iteration changes nothing else."""
    u, s, vt = torch.linalg.svd(x / (x.norm() + 1e-7), full_matrices=False)
    for _ in range(steps):
        s = 3.4445 * s - 4.7750 * s ** 3 + 2.0315 * s ** 5
    return u @ torch.diag(s) @ vt


def muon(momentum=0.95, nesterov=True, steps=5, decay=0.0, fallback="adamw", rate=0.015, lr=0.1, normalize=False):
    def step(p, grad, s, n):
        if p.dim() < 2:
            if fallback == "sgd":
                s["b"] = 0.9 * s.get("b", torch.zeros_like(p)) + grad
                return p - lr * rate * s["b"]
            m, v = average(s, "m", grad, 0.9), average(s, "v", grad * grad, 0.999)
            return p - lr * rate * (m / (1 - 0.9 ** n)) / ((v / (1 - 0.999 ** n)).sqrt() + 1e-8)
        u = average(s, "b", grad, momentum)
        if nesterov:
            u = (1 - momentum) * grad + momentum * u
        rows, columns = p.shape
        if normalize:
            p = p * (rows ** 0.5 / p.norm())
        return p * (1 - lr * decay) - lr * max(1, rows / columns) ** 0.5 * orthogonal(u, steps)
    return lambda m, v: Paper([m, v], step)


def decoupled(decay, momentum=0.9, lr=0.1):
    def step(p, grad, s, n):
        s["b"] = momentum * s.get("b", torch.zeros_like(p)) + grad
        return p * (1 - lr * decay if p.dim() > 1 else 1) - lr * s["b"]
    return lambda m, v: Paper([m, v], step)


class Ahead:
    """Lookahead around a rule of torch.optim."""

    def __init__(self, params, inner, every, alpha):
        self.params, self.inner, self.every, self.alpha, self.n = params, inner, every, alpha, 0
        self.slow = [p.detach().clone() for p in params]
        self.zero_grad = inner.zero_grad

    def step(self):
        self.inner.step()
        self.n += 1
        if self.n % self.every == 0:
            with torch.no_grad():
                for p, slow in zip(self.params, self.slow):
                    slow += self.alpha * (p - slow)
                    p.copy_(slow)


def run(make, clip=0, cut=0):
    matrix, vector = start()
    opt = make(matrix, vector)
    path = []
    for _ in range(5):
        opt.zero_grad()
        loss = (torch.tensor([1.0, 2.0, 0.1]) * (matrix - 0.5) ** 2).sum() / 2 + (vector ** 2 * vector.abs()).sum() / 3
        loss.backward()
        if cut:
            torch.nn.utils.clip_grad_value_([matrix, vector], cut)
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
    "lamb": run(lamb()),
    "lamb:decay=0.2": run(lamb(decay=0.2)),
    "lars": run(lars()),
    "lars:trust=0.02,momentum=0.8,decay=0.1": run(lars(0.02, 0.8, 0.1)),
    "muon": run(muon()),
    "muon:momentum=0.8,nesterov=false,steps=3,decay=0.1,fallback=sgd,rate=0.5": run(muon(0.8, False, 3, 0.1, "sgd", 0.5)),
    "muon:normalize=true": run(muon(normalize=True)),
    "rmsprop": run(lambda m, v: optim.RMSprop([m, v], lr=0.1)),
    "rmsprop:alpha=0.9,momentum=0.8,centred=true,decay=0.1": run(
        lambda m, v: optim.RMSprop(groups(m, v, 0.1), lr=0.1, alpha=0.9, momentum=0.8, centered=True)),
    "sgd:decay=0.2,decoupled=true": run(decoupled(0.2)),
    "sgd+lookahead:every=2,alpha=0.3": run(lambda m, v: Ahead([m, v], optim.SGD([m, v], lr=0.1, momentum=0.9), 2, 0.3)),
    "adam+lookahead:every=3": run(lambda m, v: Ahead([m, v], optim.Adam([m, v], lr=0.1), 3, 0.5)),
    "cut sgd:momentum=0": run(lambda m, v: optim.SGD([m, v], lr=0.1), cut=0.7),
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


def plateau(losses, **kw):
    p = torch.zeros(1, requires_grad=True)
    opt = optim.SGD([p], lr=1)
    schedule = lr.ReduceLROnPlateau(opt, **kw)
    factors = []
    for loss in losses:
        factors.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step(loss)
    return factors


# Of 20 epochs: some good, then some that are not, one hardly better, then better again.
losses = [2, 1, 0.9, 0.95, 0.91, 0.92, 0.8999, 0.93, 0.94, 0.95, 0.8, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.9, 0.9, 0.9]

schedules = {
    "constant": rates(lambda o: lr.ConstantLR(o, factor=1)),
    "cosine": rates(lambda o: lr.CosineAnnealingLR(o, T_max=20)),
    "cosine:warmup=0.25": rates(warm_cosine),
    "multistep": rates(lambda o: lr.MultiStepLR(o, [10, 15])),
    "multistep:at=0.1/0.35/0.7,gamma=0.5": rates(lambda o: lr.MultiStepLR(o, [2, 7, 14], gamma=0.5)),
    "onecycle": rates(lambda o: lr.OneCycleLR(o, max_lr=1, total_steps=20, cycle_momentum=False)),
    "onecycle:warmup=0.45,div=10,final=50": rates(lambda o: lr.OneCycleLR(
        o, max_lr=1, total_steps=20, pct_start=0.45, div_factor=10, final_div_factor=50, cycle_momentum=False)),
    "cyclic:cycles=2,low=0.2": rates(lambda o: lr.CyclicLR(o, 0.2, 1, step_size_up=5, cycle_momentum=False)),
    "cyclic:cycles=2,low=0.2,gamma=0.5": rates(lambda o: lr.CyclicLR(o, 0.2, 1, step_size_up=5, mode="triangular2", cycle_momentum=False)),
    "poly": rates(lambda o: lr.PolynomialLR(o, total_iters=20, power=0.9)),
    "poly:power=2,warmup=0.25": rates(lambda o: lr.SequentialLR(o, [
        lr.LinearLR(o, start_factor=1 / 5, total_iters=4), lr.PolynomialLR(o, total_iters=15, power=2)], milestones=[5])),
    "multistep:at=0.1/0.5,warmup=0.25": rates(lambda o: lr.LambdaLR(
        o, lambda s: min(1, (s + 1) / 5) * (0.1 if s >= 2 else 1) * (0.1 if s >= 10 else 1))),
    "plateau:patience=2": plateau(losses, patience=2),
    "plateau:factor=0.5,patience=1,threshold=0.01,cooldown=2,least=0.2": plateau(
        losses, factor=0.5, patience=1, threshold=0.01, cooldown=2, min_lr=0.2),
    "step": rates(lambda o: lr.StepLR(o, 6)),
    "step:every=0.15,gamma=0.5": rates(lambda o: lr.StepLR(o, 3, gamma=0.5)),
}



def lines(table):
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in table.items())


with open("golden.json", "w") as f:
    f.write(f'{{\n "losses": {json.dumps(losses)},\n "rules": {{\n{lines(rules)}\n }},\n "schedules": {{\n{lines(schedules)}\n }}\n}}\n')
