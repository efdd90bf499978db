"""Has torchvision's Mask R-CNN find things in a made-up image, and writes what it finds to maskrcnn.json.

    python task/instances/testdata/maskrcnn.py

Made with PyTorch 2.15 and torchvision 0.29. Weights are made by the rule of models/testdata/golden.py. Those of the outputs are then multiplied, so that
the outputs have a spread as of trained networks: "scales" has the factors.
"""
import json
import os
import sys

import torch
from torch.nn import functional as F
from torchvision.models import detection as D

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "models", "testdata"))
import detection
import golden

SIDE, CLASSES, KEPT = 160, 5, 20
SPREADS = {
    "rpn.head.cls_logits": 3, "rpn.head.bbox_pred": 0.4, "roi_heads.box_predictor.cls_score": 2.5, "roi_heads.box_predictor.bbox_pred": 2,
    "roi_heads.mask_predictor.mask_fcn_logits": 2,
}
model = detection.fill(D.maskrcnn_resnet50_fpn(
    weights=None, weights_backbone=None, num_classes=CLASSES + 1, min_size=SIDE, max_size=SIDE, image_mean=[0.4] * 3, image_std=[0.25] * 3))
small = (golden.draw("image", (1, 3, 10, 10)) * 127 + 128).floor()
image = F.interpolate(small, scale_factor=SIDE // 10, mode="nearest")[0] / 255


def scale(name, spread):
    outputs, layer = [], model.get_submodule(name)
    hook = layer.register_forward_hook(lambda _, x, y: outputs.append(y))
    with torch.no_grad():
        model([image])
        hook.remove()
        factor = float(f"{spread / torch.cat([y.flatten() for y in outputs]).std():.3g}")
        layer.weight.copy_((layer.weight * factor).float())
    return factor


scales = {name + ".weight": scale(name, spread) for name, spread in SPREADS.items()}
with torch.no_grad():
    found = model([image])[0]


def rounded(x):
    return [float(f"{v:.7g}") for v in x[:KEPT].flatten().tolist()]


result = {"scales": scales, "found": len(found["scores"]), "scores": rounded(found["scores"]), "labels": (found["labels"][:KEPT] - 1).tolist(),
          "boxes": rounded(found["boxes"]), "areas": (found["masks"][:KEPT] > 0.5).sum((1, 2, 3)).tolist()}
with open(os.path.join(HERE, "maskrcnn.json"), "w") as f:
    json.dump(result, f, separators=(",", ":"))
    f.write("\n")
