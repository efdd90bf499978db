"""Writes transforms.json: what torchvision's functions make of two images, for golden_test.go.

    python transforms.py > transforms.json

Made with torchvision 0.29.2 and PyTorch's CPU build. Images are base64 of bytes [3, H, W].
"""

import base64
import json
import math

import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

H, W = 21, 34
LINEAR = InterpolationMode.BILINEAR


def pack(image):
    c, h, w = image.shape
    return {"h": h, "w": w, "pix": base64.b64encode(image.contiguous().numpy().tobytes()).decode()}


def noise():
    return torch.randint(0, 256, (3, H, W), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


def waves():
    """A smooth image: interpolation with weights of 8 bits must not differ where there is nothing to see."""
    y, x = torch.meshgrid(torch.arange(H), torch.arange(W), indexing="ij")
    planes = [120 + 100 * torch.sin(x / (4 + c) + c) * torch.cos(y / (5 - c)) for c in range(3)]
    return torch.stack(planes).round().to(torch.uint8)


def cases(a, b):
    yield "brightness 0.4", a, F.adjust_brightness(a, 0.4)
    yield "brightness 1.7", a, F.adjust_brightness(a, 1.7)
    yield "contrast 0.4", a, F.adjust_contrast(a, 0.4)
    yield "contrast 1.7", a, F.adjust_contrast(a, 1.7)
    yield "saturation 0.4", a, F.adjust_saturation(a, 0.4)
    yield "saturation 1.7", a, F.adjust_saturation(a, 1.7)
    yield "hue 0.1", a, F.adjust_hue(a, 0.1)
    yield "hue -0.45", a, F.adjust_hue(a, -0.45)
    yield "grey", a, F.rgb_to_grayscale(a, num_output_channels=3)
    yield "invert", a, F.invert(a)
    yield "posterize 3", a, F.posterize(a, 3)
    yield "solarize 100", a, F.solarize(a, 100)
    yield "autocontrast", b, F.autocontrast(b)
    yield "equalize", b, F.equalize(b)
    yield "sharpness 0.3", a, F.adjust_sharpness(a, 0.3)
    yield "sharpness 1.9", a, F.adjust_sharpness(a, 1.9)
    yield "blur 0.5", a, F.gaussian_blur(a, [5, 5], [0.5, 0.5])
    yield "blur 1.5", a, F.gaussian_blur(a, [11, 11], [1.5, 1.5])
    yield "resize 9x50", a, F.resize(a, [9, 50], interpolation=LINEAR, antialias=True)
    yield "resize 40x11", a, F.resize(a, [40, 11], interpolation=LINEAR, antialias=True)
    yield "resized crop", a, F.resized_crop(a, 3, 5, 13, 22, [32, 16], interpolation=LINEAR, antialias=True)
    yield "center crop 10x12", a, F.center_crop(a, [11, 12])
    yield "flip", a, F.horizontal_flip(a)
    yield "vertical flip", a, F.vertical_flip(a)
    yield "pad black", a, F.pad(a, [3, 3])
    yield "pad reflect", a, F.pad(a, [3, 3], padding_mode="reflect")
    yield "rotate 20", b, F.rotate(b, 20, interpolation=LINEAR)
    yield "shear x 0.3", b, F.affine(b, 0, [0, 0], 1, [math.degrees(math.atan(0.3)), 0], interpolation=LINEAR, center=[0, 0])
    yield "shear y -0.2", b, F.affine(b, 0, [0, 0], 1, [0, math.degrees(math.atan(-0.2))], interpolation=LINEAR, center=[0, 0])
    corners = [[0, 0], [W, 0], [W, H], [0, H]]
    moved = [[4, 2], [W - 1, 5], [W - 6, H - 3], [2, H]]
    yield "perspective", b, F.perspective(b, corners, moved, interpolation=LINEAR)


inputs = {"noise": noise(), "waves": waves()}
out = {name: pack(image) for name, image in inputs.items()}
out["cases"] = {}
for name, x, y in cases(*inputs.values()):
    source = next(n for n, image in inputs.items() if image is x)
    out["cases"][name] = {"of": source, "image": pack(y)}
print(json.dumps(out, indent=0))
