"""Writes scenes, and what the package mean_average_precision says of them, to golden.json.

Run it in this folder: python golden.py (made with mean_average_precision 2024.1.5.0, numpy, pandas). The package counts difficult things among
those to be found, which the challenge does not; so these scenes have none.
"""
import json

import numpy as np
from mean_average_precision import MetricBuilder

rng = np.random.default_rng(1)
metric = MetricBuilder.build_evaluation_metric("map_2d", async_mode=False, num_classes=3)
things, detections = [], []
for image in range(20):
    boxes, said = [], []
    for _ in range(rng.integers(1, 5)):
        x, y, w, h = rng.integers(5, 100, 4).tolist()
        c = int(rng.integers(0, 3))
        boxes.append([x, y, x + w - 1, y + h - 1, c, 0, 0])  # the last pixel is inside
        things.append([image, c, x, y, w, h])
        for _ in range(rng.integers(0, 4)):
            near = np.array([x, y, w, h]) + rng.integers(-8, 9, 4)
            x1, y1, w1, h1 = [int(max(v, 1)) for v in near]
            k, score = c if rng.random() < 0.8 else int(rng.integers(0, 3)), float(rng.random())
            said.append([x1, y1, x1 + w1 - 1, y1 + h1 - 1, k, score])
            detections.append([image, k, score, x1, y1, w1, h1])
    metric.add(np.array(said, dtype=float).reshape(-1, 6), np.array(boxes, dtype=float))
area = metric.value(iou_thresholds=0.5)[0.5]
eleven = metric.value(iou_thresholds=0.5, recall_thresholds=np.arange(11) / 10)[0.5]
golden = {"things": things, "detections": detections, "ap": [float(area[c]["ap"]) for c in range(3)], "ap11": [float(eleven[c]["ap"]) for c in range(3)]}
print(golden["ap"], golden["ap11"])
with open("golden.json", "w") as f:
    json.dump(golden, f)
