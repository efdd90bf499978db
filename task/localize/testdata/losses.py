"""Writes the losses of random outputs of a network, their gradient, and the IoU of the boxes, as PyTorch and torchvision compute them, to losses.json.

Run it in this folder: python losses.py (made with PyTorch and torchvision).
"""
import json

import torch
from torch.nn import functional as F
from torchvision.ops import box_iou, generalized_box_iou_loss

torch.manual_seed(2)
N, CLASSES, SMOOTHING = 6, 7, 0.1

y = (2 * torch.randn(N, CLASSES + 4)).requires_grad_()
labels = torch.randint(CLASSES, (N,))
low = torch.rand(N, 2) * 0.6
box = torch.cat([low, low + 0.1 + torch.rand(N, 2) * 0.3], 1)
has_box = torch.ones(N)
has_box[2] = 0  # it was cut off

x, y_, w, h = y[:, CLASSES:].sigmoid().unbind(1)
found = torch.stack([x - w / 2, y_ - h / 2, x + w / 2, y_ + h / 2], 1)
cross_entropy = F.cross_entropy(y[:, :CLASSES], labels, label_smoothing=SMOOTHING)
giou = (generalized_box_iou_loss(found, box, reduction="none") * has_box).mean()
smooth = (F.smooth_l1_loss(found, box, reduction="none", beta=0.1).mean(1) * has_box).mean()
total = cross_entropy + 2 * giou + 5 * smooth
total.backward()
numbers = lambda t: [float(v) for v in t.detach().flatten()]
with open("losses.json", "w") as f:
    json.dump({
        "n": N, "classes": CLASSES, "smoothing": SMOOTHING, "y": numbers(y), "labels": labels.tolist(), "box": numbers(box), "hasbox": numbers(has_box),
        "class": float(cross_entropy), "giou": float(giou), "smoothl1": float(smooth), "total": float(total), "gradient": numbers(y.grad),
        "iou": numbers(box_iou(found.clamp(0, 1), box).diagonal()),
    }, f)
