"""Runs torchvision's networks with weights that a rule gives them, and writes what they return to golden.json.

Run it in this folder: /usr/bin/python3 golden.py (made with PyTorch 1.13, torchvision 0.14). The rule, draw, is the one of golden_test.go,
so that no weights need be stored. The arithmetic is float64.
"""
import json
import math
import warnings

import numpy as np
import torch
import torchvision.models as tv
from torch import nn
from torch.nn import functional as F

CLASSES = 10
MASK = (1 << 64) - 1


def draw(name, shape):
    """Numbers of [-1, 1), multiples of 2^-23: SplitMix64, from the FNV-1a hash of the name on."""
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    z = np.uint64(h) + np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return torch.tensor((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).view(shape)


def value(name, shape):
    """The float32 number that a variable has, by the kind that its name and shape tell."""
    u = draw(name, shape)
    if len(shape) > 1:
        u = u * math.sqrt(6 / math.prod(shape[1:]))
    else:
        u = u / 8 + {"weight": 0.25, "bias": 0.75, "running_mean": 0, "running_var": 1}[name.split(".")[-1]]
    return u.float().double()


class Shortcut(nn.Module):
    """Option A of He et al. 2016, section 3.3."""

    def forward(self, x):
        half = x.shape[1] // 2
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))


class CIFARResNet(nn.Module):
    """The networks of He et al. 2016, section 4.2, which torchvision does not have, of its blocks."""

    def __init__(self, n):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        block = tv.resnet.BasicBlock
        self.layer1 = nn.Sequential(*[block(16, 16) for _ in range(n)])
        self.layer2 = nn.Sequential(block(16, 32, 2, Shortcut()), *[block(32, 32) for _ in range(n - 1)])
        self.layer3 = nn.Sequential(block(32, 64, 2, Shortcut()), *[block(64, 64) for _ in range(n - 1)])
        self.linear = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


def resnet18_cifar():
    net = tv.resnet18(num_classes=CLASSES)
    net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    return net


def googlenet():
    return tv.googlenet(num_classes=CLASSES, init_weights=False, dropout=0, dropout_aux=0)


def inception_v3(heads):
    return tv.inception_v3(num_classes=CLASSES, init_weights=False, dropout=0, aux_logits=heads)


def checksums(net):
    """Of each gradient: its norm, and its scalar product with numbers that do not depend on it."""
    return {name: [float(f"{v:.7g}") for v in (p.grad.norm().item(), (p.grad * draw("check." + name, p.shape)).sum().item())]
            for name, p in net.named_parameters()}


def run(model, net, size, batch, options={}, head_weight=0, train=True):
    net = net.double()
    with torch.no_grad():
        for name, v in net.state_dict().items():
            if v.dtype == torch.float64:
                v.copy_(value(name, v.shape))
    x, labels = draw("x", (batch, 3, *size)), torch.arange(batch) % CLASSES
    result = {"model": model, "options": options, "shape": list(x.shape), "logits": net.eval()(x).flatten().tolist()}
    if train:
        out = net.train()(x)
        heads = []
        if isinstance(out, tuple):
            out, *heads = out
        loss = F.cross_entropy(out, labels) + head_weight * sum(F.cross_entropy(h, labels) for h in heads)
        loss.backward()
        result |= {"train_logits": out.flatten().tolist(), "loss": loss.item(), "gradients": checksums(net)}
    return result


warnings.simplefilter("ignore")
cases = [
    run("resnet18", tv.resnet18(num_classes=CLASSES), (64, 64), 2),
    run("resnet50", tv.resnet50(num_classes=CLASSES), (64, 96), 2),
    run("resnet18-cifar", resnet18_cifar(), (32, 32), 2),
    run("resnet20-cifar", CIFARResNet(3), (32, 32), 3),
    run("densenet121", tv.densenet121(num_classes=CLASSES), (64, 96), 2),
    run("googlenet", googlenet(), (80, 105), 2, {"dropout": "false"}, 0.3),
    run("inception_v3", inception_v3(False), (107, 123), 2, {"auxiliary": "false"}, train=False),
    run("inception_v3", inception_v3(True), (299, 299), 3, {"dropout": "false"}, 0.4),
]
with open("golden.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
