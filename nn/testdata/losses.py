"""Writes losses of random logits and their gradients, as PyTorch computes them, to losses.json.

Run it in this folder: python losses.py (made with PyTorch and torchvision).
"""
import json

import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss

torch.manual_seed(1)
n, classes = 6, 4
logits = (3 * torch.randn(n, classes, dtype=torch.float64)).float()
logits[0, 0], logits[1, 1] = 40, -40  # where careless formulas overflow
labels = torch.tensor([0, 1, 2, 3, 1, 1])
soft = torch.softmax(torch.randn(n, classes), 1)
multi = (torch.rand(n, classes) < 0.4).float()
weights = torch.tensor([0.5, 2.0, 1.0, 3.0])


def focal(x, target, gamma):
    log = F.log_softmax(x, 1)
    miss = log.exp() @ (1 - torch.eye(classes).double())  # 1 - p loses all digits near p = 1
    return -(target * miss ** gamma * log).sum(1).mean()


def sigmoid_focal(x, target, gamma):  # torchvision's has no gradient where a sigmoid is rounded to 1
    yes, no = F.logsigmoid(x), F.logsigmoid(-x)
    return -(target * (gamma * no).exp() * yes + (1 - target) * (gamma * yes).exp() * no).mean()


hot = F.one_hot(labels, classes)
losses = {
    "weighted": lambda x: F.cross_entropy(x, labels, weight=weights.double()),
    "weighted smooth": lambda x: F.cross_entropy(x, labels, weight=weights.double(), label_smoothing=0.1),
    "soft": lambda x: F.cross_entropy(x, soft.double()),
    "focal 2": lambda x: focal(x, hot, 2),
    "focal 0.5 soft": lambda x: focal(x, soft.double(), 0.5),
    "bce": lambda x: F.binary_cross_entropy_with_logits(x, multi.double()),
    "bce weighted": lambda x: F.binary_cross_entropy_with_logits(x, multi.double(), pos_weight=weights.double()),
    "sigmoid focal": lambda x: sigmoid_focal_loss(x, multi.double(), alpha=0.25, gamma=2, reduction="mean"),
    "sigmoid focal 0.5 without alpha": lambda x: sigmoid_focal(x, multi.double(), 0.5),
}
golden = {"n": n, "classes": classes, "logits": logits.flatten().tolist(), "labels": labels.tolist(), "soft": soft.flatten().tolist(),
          "multi": multi.flatten().tolist(), "weights": weights.tolist(), "losses": {}}
for name, loss in losses.items():
    x = logits.double().requires_grad_()
    value = loss(x)
    value.backward()
    golden["losses"][name] = {"value": value.item(), "gradient": x.grad.flatten().tolist()}
with open("losses.json", "w") as f:
    json.dump(golden, f)
