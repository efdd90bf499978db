"""Writes the generalised IoU of random boxes and the gradient of its loss, as torchvision computes them, to boxes.json.

Run it in this folder: python boxes.py (made with PyTorch and torchvision).
"""
import json

import torch
from torchvision.ops import generalized_box_iou_loss

torch.manual_seed(1)
N = 12


def boxes():
    """Middles and sizes of boxes; the last one has no area."""
    b = torch.rand(N, 4)
    b[-1, 2:] = 0
    return b


def corners(b):
    return torch.cat([b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2], 1)


a, b = boxes().requires_grad_(), boxes()
b[0] = a[0].detach()  # equal
b[1, :2] = a[1, :2].detach() + 2  # apart
b[2] = torch.cat([a[2, :2].detach(), a[2, 2:].detach() / 2])  # within
loss = generalized_box_iou_loss(corners(a), corners(b), reduction="none")
loss[3:].mean().backward()  # equal edges have no gradient of their own
numbers = lambda t: [float(v) for v in t.detach().flatten()]
with open("boxes.json", "w") as f:
    json.dump({"n": N, "a": numbers(a), "b": numbers(b), "giou": numbers(1 - loss), "gradient": numbers(a.grad)}, f)
