"""Writes the files of testdata, in the two layouts of torch.save and with what can be wrong in them.

    python3 format/torch/testdata/golden.py

It needs torch 2.3 or later (made with 2.15). torch_test.go says what the files have.
"""

import argparse
import collections
import os
import warnings

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.filterwarnings("ignore")

OLD = dict(
    f64=torch.float64, f32=torch.float32, f16=torch.float16, bf16=torch.bfloat16,
    i64=torch.int64, i32=torch.int32, i16=torch.int16, i8=torch.int8, u8=torch.uint8, bool=torch.bool)
NEW = dict(f8e4m3=torch.float8_e4m3fn, f8e5m2=torch.float8_e5m2, u64=torch.uint64, u32=torch.uint32, u16=torch.uint16)


def sample(types):
    """The tensors of formattest.Sample."""
    tensors = collections.OrderedDict()
    for name, t in types.items():
        tensors[f"layer.{name}"] = torch.tensor([[0, 1, 2], [3, 4, 100]], dtype=torch.float64).to(t)
    tensors["scalar"] = torch.tensor(7, dtype=torch.int64)
    tensors["none"] = torch.zeros(0, 3)
    return tensors


def save(name, what, **options):
    torch.save(what, os.path.join(HERE, name), **options)


def legacy(name, what, **options):
    save(name, what, _use_new_zipfile_serialization=False, **options)


save("types.pth", sample(OLD | NEW))
legacy("types-legacy.pth", sample(OLD))
for protocol in 3, 4, 5:
    save(f"protocol{protocol}.pth", sample({"f32": torch.float32}), pickle_protocol=protocol)
legacy("protocol4-legacy.pth", sample({"f32": torch.float32}), pickle_protocol=4)

# Views: element (i, j) is 10 i + j in all of them.
table = (10 * torch.arange(6.0)[:, None] + torch.arange(4.0)).contiguous()
wide = torch.zeros(8, 10)
wide[1:7, 2:6] = table
views = collections.OrderedDict(
    contiguous=table, alias=table, rows=table[2:4], transposed=table.t().contiguous().t(), window=wide[1:7, 2:6],
    strided=torch.stack([table, -table], dim=2).flatten(1)[:, ::2], expanded=torch.tensor([[5.0]]).expand(3, 4),
    permuted=torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1), channels=torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last))
save("views.pth", views)
legacy("views-legacy.pth", views)

# A checkpoint with everything that trainings leave beside the weights.
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    for i, p in enumerate(model.parameters()):
        p.fill_(i + 1)
optimiser = torch.optim.Adam(model.parameters())
parallel = torch.nn.DataParallel(model)
checkpoint = {
    "epoch": 12, "arch": "tiny", "best": 0.75, "done": True, "state_dict": parallel.state_dict(), "optimizer": optimiser.state_dict(),
    "args": argparse.Namespace(lr=0.1, name="x"), "accuracy": np.float64(93.5), "history": [1.0, None, (2, b"ab\xff")],
    "classes": collections.defaultdict(list, {"a": [1]}), "seen": {3}, "count": collections.Counter("ab"),
    "device": torch.device("cpu"), "dtype": torch.float16, "size": torch.Size([1, 2]), "curve": np.arange(3.0)}
save("checkpoint.pth", checkpoint)
legacy("checkpoint-legacy.pth", checkpoint)

# Parameters, with attributes and without, and a buffer.
parameter = torch.nn.Parameter(torch.ones(2))
tagged = torch.nn.Parameter(torch.ones(2))
tagged.note = "x"
save("parameters.pth", {"a": parameter, "b": tagged, "c": torch.nn.Buffer(torch.ones(2))})

save("quantised.pth", {"x": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)})
save("sparse.pth", {"x": torch.eye(2).to_sparse()})
save("complex.pth", {"x": torch.ones(2, dtype=torch.complex64)})
save("model.pth", model)


class Malicious:
    def __reduce__(self):
        return os.system, ("touch /tmp/lince-was-here",)


save("malicious.pth", {"state_dict": Malicious()})
legacy("malicious-legacy.pth", {"state_dict": Malicious()})
for name in os.listdir(HERE):
    os.chmod(os.path.join(HERE, name), 0o644)
