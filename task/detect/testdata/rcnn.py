"""Has torchvision's Mask R-CNN read made-up outputs, and writes what comes of it to rcnn.json.

    python task/detect/testdata/rcnn.py

Made with PyTorch 2.15 and torchvision 0.29. The outputs are drawn as nn/nntest.Draw does it, so that they need not be stored.
"""
import json
import math
import os

import numpy as np
import torch
from torchvision.models import detection as D
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import paste_masks_in_image
from torchvision.ops.poolers import LevelMapper

MASK = (1 << 64) - 1
CLASSES, SIDE, KEPT = 5, 128, 60
HERE = os.path.dirname(os.path.abspath(__file__))


def draw(name, *shape):
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    z = np.uint64(h) + np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return torch.tensor((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).view(shape).float()


def rounded(x):
    return [float(f"{v:.7g}") for v in x.flatten().tolist()]


model = D.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=CLASSES + 1).eval()
maps = [SIDE >> 2 + i for i in range(5)]
anchors = model.rpn.anchor_generator(ImageList(torch.zeros(1, 3, SIDE, SIDE), [(SIDE, SIDE)]), [torch.zeros(1, 1, n, n) for n in maps])
rows = draw("out.rpn", len(anchors[0]), 5)
things, deltas = rows[:, :1] * 4 - 1, rows[:, 1:]
boxes = model.rpn.box_coder.decode(deltas, anchors).view(1, -1, 4)
proposals, scores = model.rpn.filter_proposals(boxes, things, [(SIDE, SIDE)], [3 * n * n for n in maps])
result = {"proposals": len(proposals[0]), "proposed": rounded(proposals[0][:KEPT])}

given = torch.cat([draw("corner", KEPT, 2) * 30 + 40, torch.zeros(KEPT, 2)], 1)
given[:, 2:] = given[:, :2] + draw("side", KEPT, 2) * 20 + 30
rows = draw("out.boxes", KEPT, 5 * (CLASSES + 1))
found = model.roi_heads.postprocess_detections(rows[:, :CLASSES + 1] * 3, rows[:, CLASSES + 1:] * 2, [given], [(SIDE, SIDE)])
result |= {"found": len(found[0][0]), "boxes": rounded(found[0][0][:KEPT]), "scores": rounded(found[1][0][:KEPT]), "labels": (found[2][0][:KEPT] - 1).tolist()}

sides = [0.1, 15, 111, 112, 113, 223, 224, 300, 447, 448, 449, 900, 5000]
result |= {"sides": sides, "maps": LevelMapper(2, 5)([torch.tensor([[0, 0, s, s] for s in sides])]).tolist()}
with open(os.path.join(HERE, "rcnn.json"), "w") as f:
    json.dump(result, f, separators=(",", ":"))
    f.write("\n")

MASK_BOXES = [[10, 20, 60, 70], [0, 0, 95.5, 80], [30.3, 5.7, 33.1, 60.2], [0, 70.5, 20, 80], [50, 50, 50.4, 50.4]]
cells = draw("cells", len(MASK_BOXES), 1, 28, 28) / 2 + 0.5
pasted = paste_masks_in_image(cells, torch.tensor(MASK_BOXES), (80, 96)) > 0.5
runs = [[0] * int(m[0, 0, 0]) + [len(r) for r in "".join("01"[int(v)] for v in m.flatten().tolist()).replace("01", "0 1").replace("10", "1 0").split()] for m in pasted]
with open(os.path.join(HERE, "..", "..", "instances", "testdata", "paste.json"), "w") as f:
    json.dump({"boxes": MASK_BOXES, "runs": runs}, f, separators=(",", ":"))
    f.write("\n")
