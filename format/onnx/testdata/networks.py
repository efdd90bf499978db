"""Networks of torchvision with random weights, as PyTorch's two exporters write them and as ONNX Runtime quantises them, each with an input and the
outputs that ONNX Runtime computes without its optimisations:

    pip install torch torchvision onnx onnxruntime onnxscript
    python networks.py /tmp/models resnet18 mobilenet_v2 ...
    LINCE_ONNX_MODELS=/tmp/models go test ./format/onnx -run TestModels -v

Without names, all that lince has. Statistics of normalisation are drawn too, so that they matter.
"""

import os
import sys
import warnings

import numpy as np
import torch
import torchvision
from export import export, finish
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

ALL = """alexnet densenet121 densenet169 densenet201 densenet161 efficientnet_b0 googlenet inception_v3 mobilenet_v2 mobilenet_v3_small
mobilenet_v3_large resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d squeezenet1_0 squeezenet1_1 vgg11 vgg11_bn vgg13 vgg13_bn
vgg16 vgg16_bn vgg19 vgg19_bn wide_resnet50_2""".split()


def network(name):
    torch.manual_seed(0)
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    net = torchvision.models.get_model(name, weights=None, **options).eval()
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            for t, low, high in ((m.weight, 0.6, 1), (m.bias, -0.1, 0.3), (m.running_mean, -0.1, 0.1), (m.running_var, 0.7, 1.4)):
                t.data.uniform_(low, high)
    return net


class Images(CalibrationDataReader):
    def __init__(self, x):
        self.images = iter([{"input": x[i : i + 1]} for i in range(len(x))])

    def get_next(self):
        return next(self.images, None)


def quantised(root, name, x):
    """reduce_range has weights of 7 bits: sums of pairs of products with 8 bits saturate in ONNX Runtime on processors without VNNI."""
    source = f"{root}/{name}-script-17/model.onnx"
    ready = f"{root}/{name}.onnx"
    quant_pre_process(source, ready)
    for kind, options in {
        "qdq": dict(quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8),
        "qoperator": dict(quant_format=QuantFormat.QOperator, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True),
    }.items():
        folder = f"{root}/{name}-{kind}"
        os.makedirs(folder)
        quantize_static(ready, folder + "/model.onnx", Images(x), **options)
        finish(folder, x[:1])
    os.remove(ready)


def main(root, names):
    for name in names:
        net = network(name)
        side = 299 if name == "inception_v3" else 224
        x = torch.randn(4, 3, side, side)
        for opset in (13, 17):
            export(root, f"{name}-script-{opset}", net, x[:1], opset, dynamo=False, dynamic_axes={"input": {0: "batch"}})
        for opset in (18, 20):
            export(root, f"{name}-dynamo-{opset}", net, x[:2], opset, dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=True, verbose=False)
        quantised(root, name, x.numpy())
        print(name, flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], sys.argv[2:] or ALL)
