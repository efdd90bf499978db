"""Writes polygons, and the masks that pycocotools makes of them, to masks.json.

Run it in this folder: python golden.py (made with pycocotools 2.0.11, numpy).
"""
import json

import numpy as np
from pycocotools import mask as rle

rng = np.random.default_rng(1)
out = []
for i in range(60):
    h, w = rng.integers(1, 40, 2).tolist()
    polygons = []
    for _ in range(rng.integers(1, 4)):
        p = rng.uniform(-0.3, 1.3, 2 * rng.integers(3, 8)) * 40
        if i % 3 == 0:  # corners on the grid, and twice
            p = np.round(p * 2) / 2
            p = np.concatenate([p, p[:2], p[:2]])
        polygons.append(np.round(p, 2).tolist())
    r = rle.merge(rle.frPyObjects(polygons, h, w))
    case = {"h": h, "w": w, "polygons": polygons, "text": r["counts"].decode(), "area": int(rle.area(r)), "box": rle.toBbox(r).tolist()}
    other = np.asfortranarray(rng.random((h, w)) < 0.5).astype(np.uint8)
    o = rle.encode(np.asfortranarray(other))
    case["other"] = o["counts"].decode()
    case["iou"], case["inside"] = float(rle.iou([r], [o], [0])[0, 0]), float(rle.iou([r], [o], [1])[0, 0])
    out.append(case)
with open("masks.json", "w") as f:
    json.dump(out, f)
