"""Runs torchvision's detectors with weights that a rule gives them, and writes what they return to detection/MODEL.json.

    python models/testdata/detection.py [MODEL...]      all, if none is named

The rule, the versions and the arithmetic are those of golden.py. A file holds some of the rows of the output for the network with 10
classes (and background, where it has that) on images of the given shape, and "state", a digest of the sorted names and shapes of all that the state_dict of
the network in its usual size holds.
"""
import hashlib
import json
import math
import os
import sys

import torch
from torchvision.models import detection as D

import golden

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "detection")
ROWS = 40
CASES = {
    "ssd300_vgg16": ((1, 3, 300, 300), 1, {}),
    "ssdlite320_mobilenet_v3_large": ((1, 3, 96, 64), 1, {}),
    "retinanet_resnet50_fpn": ((1, 3, 64, 96), 0, {}),
    "fcos_resnet50_fpn": ((1, 3, 64, 96), 0, {}),
    "fasterrcnn_resnet50_fpn": ((1, 3, 64, 96), 1, {}),
    "maskrcnn_resnet50_fpn": ((1, 3, 64, 96), 1, {}),
}
SIDE = 512  # of the image that BOXES are in: of each map there is one, and more
BOXES = [[10, 20, 40, 90.5], [3.25, 100, 150, 230], [200, 10, 430, 290], [0, 0, 512, 512], [511, 300, 512, 300.5], [30, 200, 300, 500]]
LABELS = [1, 10, 3, 4, 1, 7]  # 0 is the background
MASK_STEP = 9


def value(name, shape):
    if name.endswith("scale_weight"):
        return (golden.draw(name, shape) / 8 + 20).float().double()
    return golden.value(name, shape)


def fill(model):
    model.double().eval()
    with torch.no_grad():
        for name, x in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                x.copy_(value(name, x.shape))
    return model


def state(name):
    with torch.device("meta"):
        entries = getattr(D, name)(weights=None, weights_backbone=None).state_dict()
    lines = sorted(f"{k} {list(v.shape)}\n" for k, v in entries.items() if not k.endswith("num_batches_tracked"))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def rpn(model, maps):
    things, deltas = model.rpn.head(maps)
    return {k: D.rpn.concat_box_prediction_layers(things, deltas)[i][None] for i, k in enumerate(("cls_logits", "bbox_regression"))}


def rounded(x):
    return [float(f"{v:.7g}") for v in x.flatten().tolist()]


def boxes(model):
    """What the other parts of an R-CNN say of BOXES."""
    heads, b = model.roi_heads, [torch.tensor(BOXES, dtype=torch.float64)]
    maps = {str(i): golden.draw(f"map.{i}", (1, 256, SIDE >> 2 + i, SIDE >> 2 + i)).float().double() for i in range(4)}
    x = heads.box_head(heads.box_roi_pool(maps, b, [(SIDE, SIDE)]))
    result = {"boxes": BOXES, "levels": heads.box_roi_pool.map_levels(b).tolist(), "box_rows": rounded(torch.cat(heads.box_predictor(x), 1))}
    if heads.has_mask():
        masks = heads.mask_predictor(heads.mask_head(heads.mask_roi_pool(maps, b, [(SIDE, SIDE)])))
        result |= {"labels": LABELS, "mask_step": MASK_STEP, "masks": rounded(masks[range(len(BOXES)), LABELS].flatten()[::MASK_STEP])}
    return result


def run(name):
    shape, background, options = CASES[name]
    model = fill(getattr(D, name)(weights=None, weights_backbone=None, num_classes=golden.CLASSES + background))
    images = golden.draw("x." + name, shape).float().double()
    with torch.no_grad():
        maps = list(model.backbone(images).values())
        heads = rpn(model, maps) if "rcnn" in name else model.head(maps)
    out = torch.cat([heads[k] for k in ("cls_logits", "bbox_regression", "bbox_ctrness") if k in heads], 2)
    step = max(1, out.shape[1] // ROWS)
    result = {"model": name, "state": state(name), "images": "x." + name, "shape": list(shape), "step": step, "size": list(out.shape),
              "rows": rounded(out[0, ::step])}
    if "rcnn" in name:
        with torch.no_grad():
            result |= boxes(model)
    with open(os.path.join(OUT, name + ".json"), "w") as f:
        json.dump(result, f, separators=(",", ":"))
        f.write("\n")
    print(name, list(out.shape), float(out.abs().max()))


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        run(name)
