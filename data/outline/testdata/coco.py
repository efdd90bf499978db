"""Writes coco.json: polygons and what pycocotools 2.0.11 makes of them.

    python coco.py > coco.json
"""
import json
import random

import numpy as np
from pycocotools import mask

random.seed(1)
cases = []


def add(h, w, polygons):
    whole = mask.merge(mask.frPyObjects(polygons, h, w))
    cases.append({
        "h": h, "w": w, "polygons": polygons, "rle": whole["counts"].decode(),
        "area": int(mask.area(whole)), "box": [int(v) for v in mask.toBbox(whole)],
    })


for n in range(60):
    h, w = random.randint(1, 60), random.randint(1, 60)
    decimals = n % 3
    beyond = 0 if n % 2 else 12
    polygons = []
    for _ in range(random.randint(1, 3)):
        polygons.append([round(random.uniform(-beyond, (h if k % 2 else w) + beyond), decimals) for k in range(2 * random.randint(3, 9))])
    add(h, w, polygons)
add(10, 12, [[2.5, 3.5, 2.5, 3.5, 2.5, 3.5]])  # a point
add(10, 12, [[0, 0, 12, 0, 12, 10, 0, 10]])  # everything
add(10, 12, [[1, 1, 11, 9, 11, 1, 1, 9]])  # a bow tie
add(10, 12, [[0.7, 0.3, 8.1, 0.9, 8.3, 7.7, 0.1, 7.5]])  # ties of the fine grid

bitmaps = []
for n in range(12):
    h, w = random.randint(1, 40), random.randint(1, 40)
    m = (np.random.RandomState(n).rand(h, w) < [0.5, 0.05, 0.95][n % 3]).astype(np.uint8)
    r = mask.encode(np.asfortranarray(m))
    bitmaps.append({
        "h": h, "w": w, "rows": ["".join(str(v) for v in row) for row in m], "rle": r["counts"].decode(),
        "area": int(mask.area(r)), "box": [int(v) for v in mask.toBbox(r)],
    })
print(json.dumps({"polygons": cases, "bitmaps": bitmaps}))
