"""Writes probabilities, labels and what scikit-learn, scipy and PyTorch say of them to golden.json.

Run it in this folder: python golden.py (made with scikit-learn 1.9.1, scipy, PyTorch, numpy).
"""
import json
import warnings

import numpy as np
import torch
from scipy.stats import binomtest
from sklearn import metrics as m

warnings.filterwarnings("ignore")
rng = np.random.default_rng(1)


def f32(x):
    return np.asarray(x, dtype=np.float32)


def averages(truth, said):
    out = {}
    for average in ("macro", "micro", "weighted"):
        p, r, f, _ = m.precision_recall_fscore_support(truth, said, average=average, zero_division=0)
        out[average] = {"precision": p, "recall": r, "f1": f}
    p, r, f, _ = m.precision_recall_fscore_support(truth, said, average=None, zero_division=0)
    out["classes"] = [{"precision": a, "recall": b, "f1": c} for a, b, c in zip(p, r, f)]
    return out


def ece(confidence, right, bins):
    part = np.clip(np.ceil(confidence.astype(np.float64) * bins).astype(int) - 1, 0, bins - 1)
    total = 0.0
    for b in range(bins):
        inside = part == b
        if inside.any():
            total += inside.mean() * abs(confidence[inside].astype(np.float64).mean() - right[inside].mean())
    return total


def temperature(loss):
    beta = torch.ones((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([beta], max_iter=200, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = loss(beta)
        value.backward()
        return value

    optimizer.step(closure)
    return 1 / beta.item()


def multiclass(n, classes):
    labels = np.minimum(rng.geometric(0.4, n) - 1, classes - 1)
    logits = rng.normal(0, 2, (n, classes)) + 2.5 * np.eye(classes)[labels]
    p = np.exp(logits - logits.max(1, keepdims=True))
    p = f32(np.round(p / p.sum(1, keepdims=True), 2) + 0.001)  # rounded, so that there are ties
    p = f32(p / p.sum(1, keepdims=True))
    said = p.argmax(1)
    q = p.astype(np.float64)
    one = np.eye(classes)[labels]
    return {
        "classes": classes, "labels": labels.tolist(), "probabilities": p.ravel().tolist(), "tally": averages(labels, said),
        "accuracy": m.accuracy_score(labels, said), "balanced_accuracy": m.balanced_accuracy_score(labels, said),
        "kappa": m.cohen_kappa_score(labels, said), "mcc": m.matthews_corrcoef(labels, said),
        "log_loss": -np.log(q[np.arange(n), labels]).mean(), "brier": ((q - one) ** 2).sum(1).mean(),
        "top3": m.top_k_accuracy_score(labels, q + 1e-9 * np.arange(classes)[::-1], k=3),
        "auc": [m.roc_auc_score(one[:, c], p[:, c]) for c in range(classes)],
        "average_precision": [m.average_precision_score(one[:, c], p[:, c]) for c in range(classes)],
        "ece": ece(p.max(1), said == labels, 15),
        "temperature": temperature(lambda beta: torch.nn.functional.cross_entropy(beta * torch.tensor(np.log(q)), torch.tensor(labels))),
    }


def multilabel(n, classes):
    targets = (rng.random((n, classes)) < np.linspace(0.1, 0.7, classes)).astype(int)
    logits = rng.normal(0, 1.5, (n, classes)) + 2 * targets - 1
    p = f32(np.round(1 / (1 + np.exp(-logits)), 2) * 0.98 + 0.01)
    thresholds = f32(np.linspace(0.3, 0.6, classes))
    said = (p >= thresholds).astype(int)
    best = []
    for c in range(classes):
        precision, recall, at = m.precision_recall_curve(targets[:, c], p[:, c])
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-30)
        best.append(f1.max())
    z = torch.tensor(np.log(p.astype(np.float64)) - np.log1p(-p.astype(np.float64)))
    return {
        "classes": classes, "targets": targets.ravel().tolist(), "probabilities": p.ravel().tolist(), "thresholds": thresholds.tolist(),
        "tally": averages(targets, said), "accuracy": m.accuracy_score(targets, said), "hamming": m.hamming_loss(targets, said),
        "average_precision": [m.average_precision_score(targets[:, c], p[:, c]) for c in range(classes)], "best_f1": best,
        "temperature": temperature(lambda beta: torch.nn.functional.binary_cross_entropy_with_logits(beta * z, torch.tensor(targets).double())),
    }


golden = {
    "multiclass": multiclass(200, 5), "multilabel": multilabel(120, 4),
    "mcnemar": [{"a": a, "b": b, "exact": binomtest(min(a, b), a + b).pvalue} for a, b in ((3, 11), (0, 1), (120, 160), (25, 26), (7, 7))],
}
with open("golden.json", "w") as f:
    json.dump(golden, f)
