"""Checks exported models with onnx.checker and runs them in ONNX Runtime, against the inputs and outputs that lince left beside them:

    LINCE_ONNX_EXPORT=/tmp/export go test ./format/onnx ./cmd/lince -run 'TestExport|TestConvert'
    python runtime.py /tmp/export

The first leaves networks, the second what lince convert makes of a model of each task, with its tensors by name.

Needs onnx and onnxruntime. Prints a line per model: its nodes, its size, and how far off the results are, relative to the largest.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper


def tensors(folder, kind):
    paths = sorted(folder.glob(kind + "_*.pb"), key=lambda p: int(p.stem.split("_")[1]))
    return [onnx.load_tensor(p) for p in paths]


def off(got, want):
    if got.shape != want.shape or got.dtype != want.dtype:
        return float("inf")
    if want.dtype != np.float32:
        return 0.0 if np.array_equal(got, want) else float("inf")
    finite = np.isfinite(want)
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return float("inf")
    scale = np.abs(want[finite]).max(initial=0) or 1
    return float(np.abs(got[finite] - want[finite]).max(initial=0) / scale)


def cases(folder, session):
    """Yields inputs by name and the outputs that are wanted."""
    for data in sorted(folder.glob("test_data_set_*")):
        yield {t.name: numpy_helper.to_array(t) for t in tensors(data, "input")}, [numpy_helper.to_array(t) for t in tensors(data, "output")]
    if (folder / "tensors.npz").exists():
        by_name = np.load(folder / "tensors.npz")
        yield {i.name: by_name[i.name] for i in session.get_inputs()}, [by_name[o.name] for o in session.get_outputs()]


def check(folder):
    path = folder / "model.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    batches = []
    for inputs, wants in cases(folder, session):
        batches += [next(iter(inputs.values())).shape[:1]]
        for got, want in zip(session.run(None, inputs), wants, strict=True):
            worst = max(worst, off(np.asarray(got), want))
    return f"{len(model.graph.node)} nodes, {path.stat().st_size} bytes, batches {[b[0] if b else 1 for b in batches]}, off by {worst:.2g}", worst


failed = 0
for folder in sorted(p.parent for p in pathlib.Path(sys.argv[1]).glob("*/model.onnx")):
    try:
        line, worst = check(folder)
        bad = worst > 1e-4
    except Exception as e:  # of the checker or the runtime
        line, bad = str(e).splitlines()[0], True
    failed += bad
    print("FAILED" if bad else "ok", folder.name, line)
sys.exit(failed > 0)
