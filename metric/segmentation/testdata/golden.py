"""Writes masks, and what scikit-learn says of them, to golden.json.

Run it in this folder: python golden.py (made with scikit-learn 1.9.1, numpy).
"""
import json

import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(1)
CLASSES, IGNORE = 6, 65535  # class 4 is only said to be there, class 5 never
truth = rng.choice([0, 1, 2, 3, IGNORE], 1200, p=[0.5, 0.2, 0.15, 0.05, 0.1])
said = np.where(rng.random(1200) < 0.7, np.where(truth == IGNORE, 0, truth), rng.integers(0, 5, 1200))
t, p = truth[truth != IGNORE], said[truth != IGNORE]
labels = list(range(5))
iou = m.jaccard_score(t, p, labels=labels, average=None)
golden = {
    "classes": CLASSES, "truth": truth.tolist(), "said": said.tolist(), "confusion": m.confusion_matrix(t, p, labels=range(CLASSES)).ravel().tolist(),
    "pixel_accuracy": m.accuracy_score(t, p), "mean_accuracy": m.recall_score(t, p, labels=range(4), average="macro"), "iou": iou.tolist(),
    "mean_iou": iou.mean(), "weighted_iou": m.jaccard_score(t, p, labels=labels, average="weighted"),
    "dice": m.f1_score(t, p, labels=labels, average=None).tolist(), "mean_dice": m.f1_score(t, p, labels=labels, average="macro"),
}
with open("golden.json", "w") as f:
    json.dump(golden, f)
