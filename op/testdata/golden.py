"""Golden values of the ops, computed by PyTorch.

    /usr/bin/python3 op/testdata/golden.py

writes op/testdata/golden/*.safetensors, one small file per family of ops. It needs PyTorch 1.13 or later (Debian:
python3-torch) and no other package. golden_test.go holds the ops to these values and needs only Go.

To add an op, call case() below a family(). A case is

    case("Conv2D/grouped",                     the op's name; after a slash what is special
         {"Groups": 2, "Stride": [1, 1], ...}, its attributes: the fields of the Go type XOp, as JSON. Fixed arrays may be
                                               given short, the rest is zero. Builders are not run, so what they fill in
                                               (a stride of 1, a negative axis) stands here as the op has it
         [rand(2, 4, 5, 5), rand(6, 2, 3, 3)], its inputs
         lambda x, w: F.conv2d(x, w, ...),     what PyTorch computes from them
         tol=1e-5)                             the error allowed, relative to the largest value; left out: 2e-6

Floats are handed to PyTorch as float64, and what it returns is rounded to float32. From a float result the gradients for all
float inputs follow: those of sum(dy * result) with a random dy. Inputs that the function does not use get none, and then none
is tested.

A file holds, for a case called NAME, the tensors NAME/in0, NAME/in1, ..., NAME/y, NAME/dy, NAME/grad0, ... and in the metadata,
under NAME, {"attrs": ..., "tol": ...}.
"""

import json
import math
import os
import struct

import torch
import torch.nn.functional as F

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")

# tensor.DType's numbers, for attributes, and the file format's names.
F32, U8, I32, I64, U32, BOOL = 1, 4, 5, 6, 7, 8
FORMAT = {torch.float32: "F32", torch.uint8: "U8", torch.int32: "I32", torch.int64: "I64", torch.bool: "BOOL"}

files = {}  # family -> {"tensors": {name: tensor}, "metadata": {name: JSON}}
current = None


def family(name):
    """Begins a file; its random numbers depend on its name alone."""
    global current
    torch.manual_seed(sum(name.encode()))
    current = files[name] = {"tensors": {}, "metadata": {}}


def case(name, attrs, inputs, f, tol=2e-6):
    tensors = {}
    args = []
    for i, x in enumerate(inputs):
        tensors[f"in{i}"] = x
        args.append(x.double().requires_grad_() if x.dtype == torch.float32 else x)
    y = f(*args)
    if y.dtype == torch.float64:
        dy = rand(*y.shape, lo=-1, hi=1)
        wrt = [i for i, x in enumerate(args) if x.dtype == torch.float64]
        grads = torch.autograd.grad(y, [args[i] for i in wrt], dy.double(), allow_unused=True)
        tensors["dy"] = dy
        tensors.update({f"grad{i}": g.float() for i, g in zip(wrt, grads) if g is not None})
        y = y.float()
    tensors["y"] = y.detach()
    assert name not in current["metadata"], name
    current["metadata"][name] = json.dumps({"attrs": attrs, "tol": tol})
    current["tensors"].update({f"{name}/{k}": t.detach().contiguous() for k, t in tensors.items()})


def write():
    os.makedirs(OUT, exist_ok=True)
    for name, file in files.items():
        header, data = {"__metadata__": file["metadata"]}, b""
        for key, t in file["tensors"].items():
            raw = t.numpy().tobytes()
            header[key] = {"dtype": FORMAT[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(OUT, name + ".safetensors"), "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text + data)


def rand(*shape, lo=-2.0, hi=2.0):
    """Uniform float32 in [lo, hi)."""
    return lo + (hi - lo) * torch.rand(shape)


def ints(n, *shape, dtype=torch.int64):
    """Uniform integers of 0 to n-1."""
    return torch.randint(n, shape, dtype=dtype)


def floats(*values):
    return torch.tensor(values, dtype=torch.float32)


def axes(*dims):
    """op.Axes"""
    return sum(1 << d for d in dims)


family("elementwise")
for name, f in {
    "Neg": torch.neg,
    "Exp": torch.exp,
    "Abs": torch.abs,
    "Sign": torch.sign,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Softplus": lambda x: F.softplus(x, threshold=50),
    "Gelu": F.gelu,
    "Silu": F.silu,
    "HardSwish": F.hardswish,
}.items():
    case(name, {}, [rand(4, 10, lo=-5, hi=5)], f)
for name, f in {"Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal}.items():
    case(name, {}, [rand(4, 10, lo=0.1, hi=5)], f)
case("LeakyRelu", {"Alpha": 0.25}, [rand(4, 10)], lambda x: F.leaky_relu(x, 0.25))
case("LeakyRelu/at 0", {"Alpha": 0.25}, [floats(-1, 0, 1)], lambda x: F.leaky_relu(x, 0.25))
case("Clip", {"Lo": -1, "Hi": 0.5}, [rand(4, 10)], lambda x: torch.clamp(x, -1, 0.5))
case("Clip/on the limits", {"Lo": -1, "Hi": 0.5}, [floats(-1.5, -1, 0, 0.5, 1)], lambda x: torch.clamp(x, -1, 0.5))
case("Relu/at 0", {}, [floats(-1, 0, 1)], torch.relu)
case("Abs/at 0", {}, [floats(-1, 0, 1)], torch.abs)
case("HardSigmoid", {"Alpha": 1 / 6, "Beta": 0.5}, [rand(4, 10, lo=-5, hi=5)], F.hardsigmoid)
case("HardSigmoid/at the kinks", {"Alpha": 0.25, "Beta": 0.5}, [floats(-2, 0, 2)], lambda x: F.hardsigmoid(1.5 * x))

family("broadcast")
for name, f in {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Max": torch.maximum,
    "Min": torch.minimum,
    "Pow": torch.pow,
}.items():
    case(name, {}, [rand(3, 4, lo=0.5), rand(3, 4, lo=0.5)], f)
    case(name + "/row", {}, [rand(2, 3, 4, lo=0.5), rand(4, lo=0.5)], f)
    case(name + "/both", {}, [rand(3, 1, lo=0.5), rand(2, 1, 4, lo=0.5)], f)
for name, f in {"Max": torch.maximum, "Min": torch.minimum}.items():
    case(name + "/ties", {}, [floats(1, 2, 3), floats(2, 2, 2)], f)
case("Pow/at 0", {}, [floats(0, 0, 0, 2, -2), floats(0, 1, 2, 0, 0)], lambda a, b: torch.pow(a, b.detach()))
case("Pow/base 0", {}, [floats(0, 0, 2, 3), floats(0, 2, 0, 2)], torch.pow)
case("Pow/whole", {}, [rand(4, 5), floats(0, 1, 2, 3, 4)], lambda a, b: torch.pow(a, b.detach()))
for name, f in {"Equal": torch.eq, "Less": torch.lt, "LessOrEqual": torch.le}.items():
    case(name, {}, [ints(3, 2, 1, 4), ints(3, 3, 1)], f)
case("Where", {}, [ints(2, 3, 1) == 1, rand(3, 4), rand(2, 1, 4)], torch.where)
for name, to, dtype in ("i32", I32, torch.int32), ("i64", I64, torch.int64), ("u8", U8, torch.uint8), ("bool", BOOL, torch.bool):
    case("Cast/f32 to " + name, {"To": to}, [rand(20, lo=0 if to == U8 else -3, hi=3)], lambda x: x.to(dtype))
case("Cast/i64 to f32", {"To": F32}, [ints(1 << 40, 20)], lambda x: x.float())
case("Cast/i64 to i32", {"To": I32}, [ints(1 << 40, 20)], lambda x: x.int())

family("reduce")
for name, f in {"ReduceSum": torch.sum, "ReduceMean": torch.mean, "ReduceMax": torch.amax, "ReduceMin": torch.amin}.items():
    case(name, {"Axes": axes(0, 1, 2)}, [rand(3, 4, 5)], lambda x: f(x, dim=(0, 1, 2)))
    case(name + "/keep", {"Axes": axes(0, 2), "KeepDims": True}, [rand(3, 4, 5)], lambda x: f(x, dim=(0, 2), keepdim=True))
    case(name + "/drop", {"Axes": axes(1)}, [rand(3, 4, 5)], lambda x: f(x, dim=1))
for name, f in {"ReduceMax": torch.amax, "ReduceMin": torch.amin}.items():
    case(name + "/ties", {"Axes": axes(0, 2)}, [ints(3, 3, 4, 5).float()], lambda x: f(x, dim=(0, 2)))
case("ReduceProd", {"Axes": axes(1)}, [rand(3, 4, 5)], lambda x: torch.prod(x, 1))
for zeros in range(3):
    x = rand(2, 3, 4)
    x[:, 0, :zeros] = 0
    case(f"ReduceProd/{zeros} zeros", {"Axes": axes(2), "KeepDims": True}, [x], lambda x: torch.prod(x, 2, keepdim=True))
case("ArgMax", {"Axis": 1}, [rand(3, 6, 2)], lambda x: torch.argmax(x.detach(), 1))
case("ArgMax/keep", {"Axis": 2, "KeepDims": True}, [rand(3, 6, 2)], lambda x: torch.argmax(x.detach(), 2, keepdim=True))

family("shape")
case("Transpose", {"Perm": [0, 2, 3, 1]}, [rand(2, 3, 4, 5)], lambda x: x.permute(0, 2, 3, 1))
case("Concat", {"Axis": 1}, [rand(2, 3, 2), rand(2, 1, 2), rand(2, 4, 2)], lambda *xs: torch.cat(xs, 1))
case("Slice", {"Axis": 1, "Start": 2, "Stop": 5, "Step": 1}, [rand(3, 7, 2)], lambda x: x[:, 2:5])
case("Slice/step", {"Axis": 1, "Start": 1, "Stop": 7, "Step": 3}, [rand(3, 8, 2)], lambda x: x[:, 1:7:3])
case("Pad", {"Low": [0, 0, 1, 3], "High": [0, 0, 2, 4], "Value": 0.5}, [rand(2, 3, 4, 5)], lambda x: F.pad(x, (3, 4, 1, 2), value=0.5))
case("Gather", {"Axis": 1}, [rand(2, 5, 3), ints(5, 2, 4)], lambda x, i: x[:, i])
case("Gather/rows", {"Axis": 0}, [rand(6, 3), ints(6, 10, dtype=torch.int32)], lambda x, i: F.embedding(i, x))
case("OneHot", {"Depth": 5}, [ints(5, 3, 4)], lambda i: F.one_hot(i, 5).float())

family("softmax")
for axis in range(3):
    case(f"Softmax/axis {axis}", {"Axis": axis}, [rand(2, 5, 3, lo=-4, hi=4)], lambda x: torch.softmax(x, axis))
    case(f"LogSoftmax/axis {axis}", {"Axis": axis}, [rand(2, 5, 3, lo=-4, hi=4)], lambda x: torch.log_softmax(x, axis))
case("Softmax/large", {"Axis": 0}, [floats(0, math.log(2), 1000, 1001)], lambda x: torch.softmax(x, 0))
case("LogSoftmax/large", {"Axis": 0}, [floats(0, math.log(2), 1000, 1001)], lambda x: torch.log_softmax(x, 0))

family("resize")
for name, shape, size, corners in [("larger", (2, 3, 4, 5), (7, 10), False), ("larger/corners", (2, 3, 4, 5), (7, 10), True),
                                   ("smaller", (1, 2, 7, 9), (3, 4), False), ("smaller/corners", (1, 2, 7, 9), (3, 4), True),
                                   ("one", (2, 2, 1, 1), (3, 2), False), ("to one", (1, 2, 4, 3), (1, 1), False)]:
    case("Resize/" + name, {"H": size[0], "W": size[1], "AlignCorners": corners}, [rand(*shape)],
         lambda x: F.interpolate(x, size, mode="bilinear", align_corners=corners))

write()
