"""Trains a small net for three steps in PyTorch and writes what went in and came out to golden.safetensors.

Run it in this folder: /usr/bin/python3 golden.py (made with PyTorch 1.13).
"""
import json
import struct

import torch
from torch import nn


def save(path, tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        dtype = {torch.float32: "F32", torch.int32: "I32"}[t.dtype]
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


torch.manual_seed(1)
net = nn.Sequential(
    nn.Conv2d(2, 4, 3, padding=1, stride=2, groups=2), nn.BatchNorm2d(4), nn.LeakyReLU(0.1), nn.MaxPool2d(3, stride=1, padding=1),
    nn.Conv2d(4, 3, 2, bias=False), nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), nn.Tanh(), nn.AvgPool2d(2, padding=1),
    nn.Flatten(), nn.Linear(12, 5))
x, labels = torch.randn(6, 2, 8, 8), torch.tensor([0, 1, 2, 3, 4, 1])

golden = {"x": x, "labels": labels.int()}
golden |= {"initial." + k: v.clone() for k, v in net.state_dict().items() if v.dtype == torch.float32}
sgd = torch.optim.SGD(net.parameters(), lr=0.2)
losses = []
for _ in range(3):
    loss = nn.functional.cross_entropy(net(x), labels, label_smoothing=0.1)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    losses.append(loss.item())
golden["losses"] = torch.tensor(losses)
golden |= {"final." + k: v for k, v in net.state_dict().items() if v.dtype == torch.float32}
golden["eval"] = net.eval()(x)
save("golden.safetensors", golden)
