"""Golden values of the ops of neural networks, computed by PyTorch.

    /usr/bin/python3 op/testdata/golden_nn.py

writes the files of the families below, and those of golden.py, which says what is in them and how to add a case.
"""

import sys

import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
from golden import case, family, floats, ints, rand, write

PLAIN = {"Stride": [1, 1], "Dilation": [1, 1], "Groups": 1}


def convolve(x, w, a):
    top, left, bottom, right = a.get("Pad", [0, 0, 0, 0])
    x = F.pad(x, (left, right, top, bottom))
    return F.conv2d(x, w, None, a["Stride"], 0, a["Dilation"], a["Groups"])


def gradient(f, wrt, dy):
    """The gradient of f(wrt) as something that can be differentiated again."""
    wrt = wrt.requires_grad_()
    return torch.autograd.grad(f(wrt), wrt, dy, create_graph=True)[0]


family("matmul")
for ta in False, True:
    for tb in False, True:

        def product(a, b):
            return torch.matmul(a.transpose(-1, -2) if ta else a, b.transpose(-1, -2) if tb else b)

        def matrix(batch, m, n, transposed):
            return rand(*batch, n, m) if transposed else rand(*batch, m, n)

        attrs = {"TransA": ta, "TransB": tb}
        name = f"MatMul/{'NT'[ta]}{'NT'[tb]}"
        case(name, attrs, [matrix([], 3, 4, ta), matrix([], 4, 5, tb)], product)
        case(name + " batch", attrs, [matrix([2, 3], 2, 4, ta), matrix([2, 3], 4, 3, tb)], product)
        case(name + " broadcast", attrs, [matrix([2, 1], 2, 4, ta), matrix([3], 4, 3, tb)], product)

family("conv2d")
for name, x, w, attrs in [
    ("3x3", (2, 3, 5, 6), (4, 3, 3, 3), {"Pad": [1, 1, 1, 1]}),
    ("1x1", (2, 5, 3, 4), (3, 5, 1, 1), {}),
    ("whole image", (2, 3, 4, 5), (6, 3, 4, 5), {}),
    ("strided", (2, 2, 7, 8), (3, 2, 3, 3), {"Stride": [2, 3], "Pad": [1, 1, 1, 1]}),
    ("strided 1x1", (2, 2, 5, 6), (3, 2, 1, 1), {"Stride": [2, 2]}),
    ("asymmetric", (2, 2, 5, 5), (3, 2, 3, 2), {"Pad": [0, 1, 2, 3]}),
    ("dilated", (2, 2, 8, 9), (3, 2, 3, 3), {"Dilation": [2, 3], "Pad": [1, 1, 1, 1]}),
    ("grouped", (2, 6, 5, 5), (4, 3, 3, 3), {"Groups": 2, "Pad": [1, 1, 1, 1]}),
    ("depthwise", (2, 4, 5, 5), (8, 1, 3, 3), {"Groups": 4, "Stride": [2, 2]}),
    ("all at once", (2, 4, 9, 9), (6, 2, 3, 2), {"Groups": 2, "Stride": [2, 1], "Dilation": [1, 2], "Pad": [2, 0, 1, 3]}),
]:
    a = PLAIN | attrs
    images, filters = rand(*x), rand(*w)
    dy = rand(*convolve(images, filters, a).shape)
    case("Conv2D/" + name, a, [images, filters], lambda x, w: convolve(x, w, a))
    case("Conv2DInputGrad/" + name, a | {"H": x[2], "W": x[3]}, [dy, filters],
         lambda dy, w: gradient(lambda v: convolve(v, w, a), torch.zeros(x, dtype=torch.float64), dy))
    case("Conv2DWeightGrad/" + name, a | {"KH": w[2], "KW": w[3]}, [images, dy],
         lambda x, dy: gradient(lambda v: convolve(x, v, a), torch.zeros(w, dtype=torch.float64), dy))


def max_pool(x, a):
    top, left, bottom, right = a["Pad"]
    return F.max_pool2d(F.pad(x, (left, right, top, bottom), value=float("-inf")), a["Kernel"], a["Stride"])


def avg_pool(x, a):
    top, left, bottom, right = a["Pad"]

    def total(v):
        return F.avg_pool2d(F.pad(v, (left, right, top, bottom)), a["Kernel"], a["Stride"], divisor_override=1)

    size = a["Kernel"][0] * a["Kernel"][1] if a.get("CountIncludePad") else total(torch.ones_like(x))
    return total(x) / size


family("pool")
for name, a in {
    "2x2": {"Kernel": [2, 2], "Stride": [2, 2], "Pad": [0, 0, 0, 0]},
    "3x3 stride 1": {"Kernel": [3, 3], "Stride": [1, 1], "Pad": [0, 0, 0, 0]},
    "3x3 stride 2": {"Kernel": [3, 3], "Stride": [2, 2], "Pad": [1, 1, 1, 1]},
    "asymmetric": {"Kernel": [3, 2], "Stride": [2, 1], "Pad": [0, 1, 2, 0]},
}.items():
    x, ties = rand(2, 3, 5, 6), ints(3, 2, 3, 5, 6).float()
    dy = rand(*max_pool(x, a).shape)
    case("MaxPool/" + name, a, [x], lambda x: max_pool(x, a))
    case("MaxPool/ties " + name, a, [ties], lambda x: max_pool(x, a))
    # x only chooses: it is detached, so that PyTorch's zeros for it are no gradient.
    case("MaxPoolGrad/" + name, a, [dy, ties],
         lambda dy, x: gradient(lambda v: max_pool(v, a), x.detach().clone(), dy))
    case("AvgPool/" + name, a, [x], lambda x: avg_pool(x, a))
    case("AvgPool/counting padding " + name, a | {"CountIncludePad": True}, [x], lambda x: avg_pool(x, a | {"CountIncludePad": True}))
    case("AvgPoolGrad/" + name, a | {"H": 5, "W": 6}, [dy],
         lambda dy: gradient(lambda v: avg_pool(v, a), torch.zeros(2, 3, 5, 6, dtype=torch.float64), dy))
for include in False, True:  # PyTorch's own rule, without the helper above
    case(f"AvgPool/count_include_pad {include}", {"Kernel": [3, 3], "Stride": [2, 2], "Pad": [1, 1, 1, 1], "CountIncludePad": include},
         [rand(2, 3, 5, 6)], lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=include))
case("MaxPool/NaN", {"Kernel": [2, 2], "Stride": [1, 1]}, [floats(1, float("nan"), 3, 4, 5, 6, 7, 8, 9).reshape(1, 1, 3, 3)],
     lambda x: F.max_pool2d(x.detach(), 2, 1).float())
case("GlobalAvgPool", {}, [rand(2, 3, 4, 5)], lambda x: F.adaptive_avg_pool2d(x, 1))

family("batchnorm")
for name, shape in ("images", (3, 4, 2, 3)), ("vectors", (6, 4)):
    over = (0, 2, 3)[: len(shape) - 1]
    per_channel = (1, -1, 1, 1)[: len(shape)]
    x = rand(*shape)
    scale, bias, mean, variance = rand(4), rand(4), rand(4), rand(4, lo=0.1)

    def normalise(x, scale, bias, mean, variance):
        scale, bias, mean, variance = (v.reshape(per_channel) for v in (scale, bias, mean, variance))
        return (x - mean) / torch.sqrt(variance + 1e-3) * scale + bias

    case("BatchMean/" + name, {}, [x], lambda x: x.mean(over))
    case("BatchVariance/" + name, {}, [x, x.mean(over)], lambda x, mean: x.var(over, unbiased=False))
    case("BatchVariance/of any mean " + name, {}, [x, mean], lambda x, mean: ((x - mean.reshape(per_channel)) ** 2).mean(over))
    case("BatchNorm/" + name, {"Eps": 1e-3}, [x, scale, bias, mean, variance],
         lambda x, s, b, m, v: F.batch_norm(x, m.detach(), v.detach(), s, b, False, 0, 1e-3))
    case("BatchNorm/by all inputs " + name, {"Eps": 1e-3}, [x, scale, bias, mean, variance], normalise)
    case("BatchNormTraining/" + name, {"Eps": 1e-3}, [x, scale, bias, x.mean(over), x.var(over, unbiased=False)],
         lambda x, s, b, m, v: F.batch_norm(x, None, None, s, b, True, 0, 1e-3), tol=1e-5)

family("loss")
x, labels, soft = rand(5, 7, lo=-4, hi=4), ints(7, 5, dtype=torch.int32), rand(5, 7, lo=0, hi=1)
for smoothing in 0, 0.1, 1:
    case(f"SoftmaxCrossEntropy/smoothing {smoothing}", {"Smoothing": smoothing}, [x, labels],
         lambda x, l: F.cross_entropy(x, l.long(), reduction="none", label_smoothing=smoothing))
case("SoftmaxCrossEntropySoft", {}, [x, torch.softmax(soft, 1)], lambda x, t: F.cross_entropy(x, t, reduction="none"))
case("SoftmaxCrossEntropySoft/any sum", {}, [x, soft], lambda x, t: F.cross_entropy(x, t, reduction="none"))
case("SoftmaxCrossEntropyGrad", {"Smoothing": 0.1}, [rand(5), x, labels],
     lambda dy, x, l: torch.autograd.grad(F.cross_entropy(x, l.long(), reduction="none", label_smoothing=0.1), x, dy, create_graph=True)[0])
case("SoftmaxCrossEntropySoftGrad", {}, [rand(5), x, soft],
     lambda dy, x, t: torch.autograd.grad(F.cross_entropy(x, t, reduction="none"), x, dy, create_graph=True)[0])
case("BCEWithLogits", {}, [rand(4, 6, lo=-10, hi=10), rand(4, 6, lo=0, hi=1)],
     lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"))
case("BCEWithLogits/large", {}, [floats(-100, -50, 0, 50, 100), floats(0, 1, 0.5, 1, 0)],
     lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"))
for beta in 0, 0.5, 1:
    case(f"SmoothL1/beta {beta}", {"Beta": beta}, [rand(4, 6), rand(4, 6)],
         lambda x, t: F.smooth_l1_loss(x, t, reduction="none", beta=beta))
case("SmoothL1/at the knee", {"Beta": 1}, [floats(-1, 0, 1), floats(0, 0, 0)], lambda x, t: F.smooth_l1_loss(x, t, reduction="none"))
case("SquaredError", {}, [rand(4, 6), rand(4, 6)], lambda x, t: F.mse_loss(x, t, reduction="none"))

write()
