"""Writes scenes, and the mistakes that the authors' tidecv finds in them, to tide.json.

Run it in this folder: python tide.py (made with tidecv 1.0.1, pycocotools 2.0.11, numpy).
"""
import json
import sys
from unittest import mock

import numpy as np

for name in ("cv2", "appdirs", "matplotlib", "matplotlib.pyplot", "matplotlib.lines", "matplotlib.patches", "seaborn", "pandas"):  # tidecv draws with these, which is not needed here
    sys.modules[name] = mock.MagicMock()
from tidecv.data import Data  # noqa: E402
from tidecv.quantify import TIDE  # noqa: E402

rng = np.random.default_rng(1)
truth, said = Data("truth"), Data("said", max_dets=100)
things, detections = [], []
for image in range(25):
    boxes = []
    truth.add_image(image, str(image))  # images without things count, too
    for _ in range(0 if image == 3 else rng.integers(1, 7)):
        box = np.round(np.concatenate([rng.uniform(0, 150, 2), rng.uniform(20, 120, 2)]), 2).tolist()
        c = int(rng.integers(0, 4))
        boxes.append((box, c))
        things.append([image, c] + box)
        truth.add_ground_truth(image, c, box)
    for box, c in boxes:
        for _ in range(rng.integers(0, 4)):
            near = np.array(box) + rng.normal(0, rng.choice([0.03, 0.15, 0.3]), 4) * np.array(box)[[2, 3, 2, 3]]
            near[2:] = np.abs(near[2:]) + 1
            d = (image, c if rng.random() < 0.7 else int(rng.integers(0, 4)), float(rng.random()), np.round(near, 2).tolist())
            detections.append([d[0], d[1], d[2]] + d[3])
            said.add_detection(*d)
    for _ in range(rng.integers(0, 3)):
        d = (image, int(rng.integers(0, 4)), float(rng.random()), np.round(rng.uniform(5, 150, 4), 2).tolist())
        detections.append([d[0], d[1], d[2]] + d[3])
        said.add_detection(*d)
tide = TIDE()
run = tide.evaluate(truth, said, mode=TIDE.BOX)
main, special = run.fix_main_errors(), run.fix_special_errors()
golden = {
    "things": things, "detections": detections, "ap": run.ap / 100, "count": {k.short_name: len(v) for k, v in run.error_dict.items()},
    "cost": {k.short_name: v / 100 for k, v in (main | special).items()},
}
print({k: golden[k] for k in ("ap", "count", "cost")})
with open("tide.json", "w") as f:
    json.dump(golden, f)
