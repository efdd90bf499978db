#!/usr/bin/env python3
"""Times PyTorch, prints one line of JSON; or writes the models as ONNX files with a free batch size.

  torch_bench.py train MODEL BATCH contiguous|channels_last THREADS STEPS      (STEPS 0: seven runs of 0.3 s)
  torch_bench.py export DIR MODEL...
"""
import json, os, statistics, sys, time
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def cnn3():
    layers, channels = [], 3
    for out in (8, 16, 32):
        layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(out)]
        channels = out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 16 * 16, 2))


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut, which projects, or (option A of the paper) subsamples and pads channels with zeros."""

    def __init__(self, channels, out, stride, project):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.stride, self.extra = stride, out - channels
        changes = stride != 1 or channels != out
        self.project = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if changes and project else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.project is not None:
            x = self.project(x)
        elif self.extra:
            x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.extra // 2, self.extra // 2))
        return F.relu(y + x)


class SmallResNet(nn.Module):
    """The residual networks for images of 32x32."""

    def __init__(self, widths, blocks, project):
        super().__init__()
        channels = widths[0]
        layers = [nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
        for i, width in enumerate(widths):
            for j in range(blocks):
                layers.append(Block(channels, width, 2 if i and not j else 1, project))
                channels = width
        self.features, self.fc = nn.Sequential(*layers), nn.Linear(channels, 10)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


def make(name):
    """The model, by lince's name, the shape of its images and its number of classes."""
    if name == 'lenet5': return LeNet(), (1, 28, 28), 10
    if name == 'cnn3': return cnn3(), (3, 128, 128), 2
    if name == 'resnet20-cifar': return SmallResNet((16, 32, 64), 3, False), (3, 32, 32), 10
    if name == 'resnet18-cifar': return SmallResNet((64, 128, 256, 512), 2, True), (3, 32, 32), 10
    extra = {'init_weights': False, 'aux_logits': True} if name in ('googlenet', 'inception_v3') else {}
    size = 299 if name == 'inception_v3' else 224
    return getattr(torchvision.models, name)(**extra), (3, size, size), 1000


def peak_memory():
    """MiB. Not getrusage, which begins with the memory of whoever started this process."""
    for line in open('/proc/self/status'):
        if line.startswith('VmHWM:'):
            return int(line.split()[1]) / 1024


def timed(step, steps):
    """The median time of a step, over up to seven runs."""
    for _ in range(3):
        once = time.perf_counter(); step(); once = time.perf_counter() - once
    runs = min(steps, 7) if steps else 7
    each = steps // runs if steps else max(1, int(0.3 / once))
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(each):
            step()
        times.append((time.perf_counter() - start) / each)
    return statistics.median(times)


def train(name, batch, layout, threads, steps):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    model, shape, classes = make(name)
    x, y = torch.randn(batch, *shape), torch.randint(0, classes, (batch,))
    if layout == 'channels_last':
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
    weight = 0.3 if name == 'googlenet' else 0.4  # of the auxiliary heads

    def step():
        optimizer.zero_grad(set_to_none=True)
        out = model(x)
        if isinstance(out, tuple):
            loss = F.cross_entropy(out[0], y) + sum(weight * F.cross_entropy(head, y) for head in out[1:])
        else:
            loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    seconds = timed(step, steps)
    print(json.dumps({'name': f'train {name} {batch}x' + 'x'.join(map(str, shape)), 'images_per_second': batch / seconds, 'ms': 1e3 * seconds,
                      'rss_mib': peak_memory(), 'threads': threads, 'version': 'PyTorch ' + torch.__version__}))


def export(folder, names):
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(0)
    for name in names:
        model, shape, _ = make(name)
        torch.onnx.export(model.eval(), torch.randn(1, *shape), os.path.join(folder, name + '.onnx'), input_names=['input'],
                          output_names=['output'], dynamic_axes={'input': {0: 'batch'}, 'output': {0: 'batch'}}, opset_version=13)


if sys.argv[1] == 'export':
    export(sys.argv[2], sys.argv[3:])
else:
    train(sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
