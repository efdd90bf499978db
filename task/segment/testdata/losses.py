"""Losses of pixels and their gradients, computed by PyTorch, to losses.json beside this file.

    python task/segment/testdata/losses.py        made with PyTorch 2.15
"""
import json
import os

import torch
from torch.nn import functional as F

torch.manual_seed(1)
N, C, H, W = 2, 3, 4, 5
logits = (2 * torch.randn(N, C, H, W)).float().double().requires_grad_()
pixels = torch.randint(-1, C, (N, H, W))
weights = torch.tensor([0.5, 2.0, 1.25], dtype=torch.float64)


def focal(gamma, weights):
    ce = F.cross_entropy(logits, pixels, reduction="none", ignore_index=-1)
    w = torch.where(pixels < 0, 0.0, weights[pixels.clamp(min=0)])
    return (w * (1 - torch.exp(-ce)) ** gamma * ce).sum() / w.sum()


def dice():
    known = (pixels >= 0).double().unsqueeze(1)
    t = F.one_hot(pixels.clamp(min=0), C).permute(0, 3, 1, 2) * known
    p = logits.softmax(1) * known
    sums = lambda x: x.sum((0, 2, 3))
    return 1 - ((2 * sums(p * t) + 1) / (sums(p) + sums(t) + 1)).mean()


cases = {
    "ce": (F.cross_entropy(logits, pixels, ignore_index=-1), False),
    "ce weighted": (F.cross_entropy(logits, pixels, weights, ignore_index=-1), True),
    "focal:gamma=2": (focal(2, torch.ones(C, dtype=torch.float64)), False),
    "focal:gamma=0.5 weighted": (focal(0.5, weights), True),
    "dice": (dice(), False),
    "ce+dice": (F.cross_entropy(logits, pixels, ignore_index=-1) + dice(), False),
}
rounded = lambda t: [float(f"{v:.8g}") for v in t.flatten().tolist()]
result = {"shape": [N, C, H, W], "logits": logits.flatten().tolist(), "pixels": pixels.flatten().tolist(), "weights": weights.tolist(), "cases": [
    {"loss": name.split()[0], "weighted": weighted, "value": loss.item(), "gradient": rounded(torch.autograd.grad(loss, logits, retain_graph=True)[0])}
    for name, (loss, weighted) in cases.items()]}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.json"), "w") as f:
    f.write(json.dumps(result).replace('{"loss"', '\n{"loss"') + "\n")
