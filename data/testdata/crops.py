"""Writes crops.json: what torchvision's RandomIoUCrop and RandomZoomOut make of boxes, for crops_test.go.

    python crops.py > crops.json

Made with torchvision 0.29.2 and PyTorch's CPU build. Random numbers are those of a generator that the test has, too.
"""

import json

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2


class Numbers:
    """The linear congruential generator of Numerical Recipes; its upper 24 bits as numbers from 0 to 1."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) / 2**24


def main():
    cases = []
    for seed in range(60):
        numbers = Numbers(seed)
        torch.rand = lambda n: torch.tensor([numbers.next() for _ in range(n)])
        torch.randint = lambda low, high, size: torch.tensor([int(numbers.next() * high)])
        h, w = 40 + int(100 * numbers.next()), 40 + int(100 * numbers.next())
        boxes = []
        for _ in range(1 + seed % 5):
            x0, y0 = int((w - 12) * numbers.next()), int((h - 12) * numbers.next())
            boxes.append([x0, y0, x0 + 8 + int((w - x0 - 8) * numbers.next()), y0 + 8 + int((h - y0 - 8) * numbers.next())])
        given = tv_tensors.BoundingBoxes(torch.tensor(boxes, dtype=torch.float32), format="XYXY", canvas_size=(h, w))
        image = tv_tensors.Image(torch.zeros(1, h, w, dtype=torch.uint8))
        start = numbers.state
        cut, left = v2.RandomIoUCrop()(image, given)
        numbers.state = start
        wide, moved = zoomed(image, given)
        cases.append({
            "seed": seed, "h": h, "w": w, "boxes": boxes,
            "crop": {"h": cut.shape[1], "w": cut.shape[2], "boxes": [b.tolist() for b in left if b.any()]},
            "zoom": {"h": wide.shape[1], "w": wide.shape[2], "boxes": moved.tolist()},
        })
    print(json.dumps(cases))


def zoomed(image, boxes):
    """RandomZoomOut without the number that says whether it does anything."""
    t = v2.RandomZoomOut()
    params = t.make_params([image, boxes])
    return t.transform(image, params), t.transform(boxes, params)


main()
