"""Has torchvision's detectors match, teach and read made-up outputs, and writes what comes of it to golden.json.

    python task/detect/testdata/golden.py

Made with PyTorch 2.15 and torchvision 0.29. The outputs are drawn as nn/nntest.Draw does it, so that they need not be stored.
"""
import json
import math
import os

import numpy as np
import torch
from torchvision import ops
from torchvision.models import detection as D
from torchvision.models.detection.image_list import ImageList

MASK = (1 << 64) - 1
CLASSES = 5
BOXES = [
    [[10, 12, 60, 70], [50, 40, 90, 100], [30, 80, 50, 96], [5, 5, 12, 11], [20.5, 10.25, 110, 120]],
    [[64, 64, 127, 127], [0, 0, 30, 20]],
]
LABELS = [[0, 1, 2, 3, 4], [2, 2]]


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


def case(name, size, maps, background, columns):
    """columns: how many numbers follow the logits."""
    kwargs = {"min_size": 128, "max_size": 128} if not background else {}
    model = getattr(D, name)(weights=None, weights_backbone=None, num_classes=CLASSES + background, **kwargs)
    model.eval()
    images = ImageList(torch.zeros(2, 3, size, size), [(size, size)] * 2)
    anchors = model.anchor_generator(images, [torch.zeros(2, 1, n, n) for n in maps])
    rows = len(anchors[0])
    out = draw("out." + name, 2, rows, CLASSES + background + columns)
    logits, deltas = out[..., :CLASSES + background] * 4 - 1, out[..., CLASSES + background:CLASSES + background + 4]
    heads = {"cls_logits": logits, "bbox_regression": deltas}
    if columns == 5:
        heads["bbox_regression"] = (deltas + 1) * 2
        heads["bbox_ctrness"] = out[..., -1:] * 4 - 1
    targets = [{"boxes": torch.tensor(b, dtype=torch.float32) * (size / 128), "labels": torch.tensor(l) + background} for b, l in zip(BOXES, LABELS)]
    result = {"name": name, "size": size, "maps": list(maps)}
    step = max(1, rows // 40)
    result["anchor_step"], result["anchors"] = step, rounded(anchors[0][::step])
    per_level = [a * n * n for a, n in zip(model.anchor_generator.num_anchors_per_location(), maps)]
    matched = []
    if name.startswith("fcos"):
        original = model.head.compute_loss
        model.head.compute_loss = lambda t, h, a, m: matched.extend(m) or original(t, h, a, m)
        losses = model.compute_loss(targets, heads, anchors, per_level)
    else:
        matched = [model.proposal_matcher(ops.box_iou(t["boxes"], a)) for t, a in zip(targets, anchors)]
        if background:
            losses = model.compute_loss(targets, heads, anchors, matched)
        else:
            losses = model.compute_loss(targets, heads, anchors)
    result["matched"] = [[[i, int(m)] for i, m in enumerate(one.tolist()) if m != -1][:400] for one in matched]
    result["losses"] = {k: float(v) for k, v in losses.items()}
    if background:
        found = model.postprocess_detections(heads, anchors, images.image_sizes)
    else:
        split = {k: list(v.split(per_level, dim=1)) for k, v in heads.items()}
        found = model.postprocess_detections(split, [list(a.split(per_level)) for a in anchors], images.image_sizes)
    d = found[1]
    n = 60
    result["found"] = len(d["scores"])
    result["scores"], result["labels"] = rounded(d["scores"][:n]), (d["labels"][:n] - background).tolist()
    result["boxes"] = rounded(d["boxes"][:n])
    return result


def overlaps():
    """Pairs of boxes, their losses, and what suppression leaves of boxes."""
    corner, side = draw("corner", 60, 2) * 20 + 30, draw("side", 60, 2) * 10 + 12
    boxes = torch.cat([corner, corner + side], 1)
    a, b = boxes[:30], boxes[30:]
    scores = draw("score", 60) / 2 + 0.5
    return {
        "iou": rounded(torch.diagonal(ops.box_iou(a, b))),
        "giou": rounded(ops.generalized_box_iou_loss(a, b)), "ciou": rounded(ops.complete_box_iou_loss(a, b)),
        "nms": ops.nms(boxes, scores, 0.3).tolist(),
        "batched": ops.batched_nms(boxes, scores, torch.arange(60) % 3, 0.3).tolist(),
    }


result = {
    "overlaps": overlaps(),
    "heads": [
        case("fcos_resnet50_fpn", 128, (16, 8, 4, 2, 1), 0, 5),
        case("retinanet_resnet50_fpn", 128, (16, 8, 4, 2, 1), 0, 4),
        case("ssd300_vgg16", 300, (38, 19, 10, 5, 3, 1), 1, 4),
        case("ssdlite320_mobilenet_v3_large", 320, (20, 10, 5, 3, 2, 1), 1, 4),
    ],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json"), "w") as f:
    json.dump(result, f, separators=(",", ":"))
    f.write("\n")
