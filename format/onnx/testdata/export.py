"""Small models as the usual tools write them, with an input and the outputs that ONNX Runtime computes.

    pip install torch onnx onnxruntime onnxscript
    python format/onnx/testdata/export.py

writes format/onnx/testdata/models.tar.gz, one folder per model in the form of ONNX's backend tests: model.onnx, and
test_data_set_0 with input_0.pb, output_0.pb, output_1.pb and so on. onnx_test.go runs them.
"""

import gzip
import io
import os
import tarfile
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

HERE = os.path.dirname(os.path.abspath(__file__))


class Network(torch.nn.Module):
    """Convolutions with batch normalisation, a depthwise one, a residual, poolings, a classifier."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(8)
        self.depthwise = torch.nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.conv2 = torch.nn.Conv2d(8, 16, 1)
        self.fc = torch.nn.Linear(16, 5)

    def forward(self, x):
        x = F.relu6(self.bn1(self.conv1(x)))
        x = x + F.relu(self.depthwise(x))
        x = F.max_pool2d(self.conv2(x), 2)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Mixture(torch.nn.Module):
    """Operators that are less usual."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.spread = torch.nn.Conv2d(8, 16, 1)
        self.up = torch.nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1, groups=2)
        self.group = torch.nn.GroupNorm(2, 8)
        self.instance = torch.nn.InstanceNorm2d(8, affine=True)
        self.layer = torch.nn.LayerNorm(12)

    def forward(self, x):
        a = F.silu(self.group(self.conv(x)))
        b = F.interpolate(a, scale_factor=2, mode="bicubic", align_corners=False)
        b = F.avg_pool2d(b, 3, 2, 1, ceil_mode=True, count_include_pad=False)[:, :, : a.shape[2], : a.shape[3]]
        c = F.pad(F.pixel_shuffle(self.spread(self.instance(b + a)), 2), (1, 1, 1, 1), mode="reflect")
        d = self.layer(a)
        d = F.hardswish(d) + F.gelu(d) + F.mish(d) + F.elu(d)
        e = F.grid_sample(a, torch.tanh(x[:, :2].permute(0, 2, 3, 1)), align_corners=False)
        parts = torch.cat([p * 0.5 for p in torch.chunk(c, 4, 1)], 1)
        best = torch.topk(F.adaptive_avg_pool2d(d, 4).flatten(1), 5)[0]
        return parts.mean((2, 3)), self.up(a), best, F.unfold(a, 3, padding=1).mean(1), torch.roll(e, (2, 3), (2, 3))


def save(path, name, a):
    with open(path, "wb") as f:
        f.write(numpy_helper.from_array(a, name).SerializeToString())


def finish(folder, x):
    """Runs folder/model.onnx as it is written, without ONNX Runtime's optimisations."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(folder + "/model.onnx", options)
    os.makedirs(folder + "/test_data_set_0")
    save(folder + "/test_data_set_0/input_0.pb", session.get_inputs()[0].name, x)
    for i, y in enumerate(session.run(None, {session.get_inputs()[0].name: x})):
        save(folder + f"/test_data_set_0/output_{i}.pb", session.get_outputs()[i].name, y)


def export(root, name, model, x, opset, **options):
    folder = f"{root}/{name}"
    os.makedirs(folder)
    torch.onnx.export(model.eval(), (x,), folder + "/model.onnx", opset_version=opset, input_names=["input"], **options)
    finish(folder, x.numpy())


class Images(CalibrationDataReader):
    def __init__(self, x):
        self.images = iter([{"input": x[i : i + 1]} for i in range(len(x))])

    def get_next(self):
        return next(self.images, None)


def quantised(root, source, x):
    for name, options in {
        "qdq": dict(quant_format=QuantFormat.QDQ),
        "qdq-channels": dict(quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8),
        "qoperator": dict(quant_format=QuantFormat.QOperator, activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8),
        "dynamic": None,
    }.items():
        folder = f"{root}/network-{name}"
        os.makedirs(folder)
        if options is None:
            quantize_dynamic(source, folder + "/model.onnx")
        else:
            quantize_static(source, folder + "/model.onnx", Images(x), **options)
        finish(folder, x[:2])


def tf2onnx(root):
    """A graph as tf2onnx writes it: images with the channels last, transposed around what needs them first, shapes computed in the graph."""
    rng = np.random.default_rng(0)
    nodes, weights = [], []

    def weight(name, *shape, value=None):
        a = rng.normal(0, 0.2, shape).astype(np.float32) if value is None else np.asarray(value)
        weights.append(numpy_helper.from_array(a, name))
        return name

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=f"StatefulPartitionedCall/model/{output}/{op}", **attributes))
        return output

    h = node("Transpose", ["images"], "first", perm=[0, 3, 1, 2])
    h = node("Conv", [h, weight("w0", 16, 3, 3, 3)], "conv0", auto_pad="SAME_UPPER", strides=[2, 2], kernel_shape=[3, 3], dilations=[1, 1], group=1)
    statistics = [weight("scale", value=np.float32(np.linspace(0.5, 1.5, 16))), weight("bias", 16), weight("mean", 16), weight("variance", value=np.float32(np.linspace(0.5, 2, 16)))]
    h = node("BatchNormalization", [h] + statistics, "bn0", epsilon=1e-3)
    h = node("Clip", [h, weight("zero", value=np.float32(0)), weight("six", value=np.float32(6))], "relu6")
    h = node("Transpose", [h], "last0", perm=[0, 2, 3, 1])
    h = node("Pad", [h, weight("pads", value=np.int64([0, 0, 0, 0, 0, 1, 1, 0]))], "padded")
    h = node("Transpose", [h], "first1", perm=[0, 3, 1, 2])
    conv = node("Conv", [h, weight("w1", 16, 1, 3, 3), weight("b1", 16)], "conv1", strides=[2, 2], group=16, kernel_shape=[3, 3])
    h = node("Transpose", [conv], "last1", perm=[0, 2, 3, 1])
    h = node("Add", [h, weight("b2", 16)], "biased")
    h = node("Mul", [h, node("Sigmoid", [h], "gate")], "swish")
    mean = node("Squeeze", [node("ReduceMean", [h], "mean0", axes=[1, 2], keepdims=1), weight("axes", value=np.int64([1, 2]))], "squeezed")
    size = node("Slice", [node("Shape", [h], "shape"), weight("s0", value=np.int64([0])), weight("s1", value=np.int64([1]))], "batch")
    flat = node("Reshape", [h, node("Concat", [size, weight("rest", value=np.int64([-1]))], "dims", axis=0)], "flat")
    logits = node("Add", [node("MatMul", [flat, weight("w3", 16 * 4 * 4, 10)], "product"), weight("b3", 10)], "logits")
    node("Softmax", [logits], "probabilities")
    node("MatMul", [mean, weight("w4", 16, 4)], "features")
    node("Resize", [conv, "", "", weight("sizes", value=np.int64([2, 16, 9, 11]))], "resized", mode="linear", coordinate_transformation_mode="half_pixel")
    graph = helper.make_graph(
        nodes, "tf2onnx", [helper.make_tensor_value_info("images", 1, ["unk__1", 16, 16, 3])],
        [helper.make_tensor_value_info(name, 1, None) for name in ("probabilities", "features", "resized")], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 2)], producer_name="tf2onnx")
    model.ir_version = 7
    os.makedirs(f"{root}/tf2onnx")
    onnx.save(model, f"{root}/tf2onnx/model.onnx")
    finish(f"{root}/tf2onnx", rng.normal(size=(2, 16, 16, 3)).astype(np.float32))


def archive(root, path):
    """Writes the files in order and without times, so that the same files make the same archive."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder, _, files in sorted(os.walk(root)):
            for name in sorted(files):
                full = os.path.join(folder, name)
                info = tarfile.TarInfo(os.path.relpath(full, root))
                info.size = os.path.getsize(full)
                with open(full, "rb") as f:
                    tar.addfile(info, f)
    with open(path, "wb") as f:
        f.write(gzip.compress(raw.getvalue(), 9, mtime=0))


def main():
    torch.manual_seed(0)
    network = Network()
    network.bn1.running_mean.normal_(0, 0.1)
    network.bn1.running_var.uniform_(0.5, 1.5)
    x = torch.randn(2, 3, 16, 16)
    with tempfile.TemporaryDirectory() as root:
        for opset in (7, 11, 17):
            export(root, f"network-opset{opset}", network, x, opset, dynamo=False, dynamic_axes={"input": {0: "batch"}})
        export(root, "network-dynamo", network, x, 18, dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=True, verbose=False)
        quantised(root, f"{root}/network-opset17/model.onnx", torch.randn(8, 3, 16, 16).numpy())
        export(root, "mixture", Mixture(), torch.randn(2, 3, 12, 12), 16, dynamo=False)
        tf2onnx(root)
        export(root, "network-half", network.half(), x.half(), 17, dynamo=False)
        archive(root, os.path.join(HERE, "models.tar.gz"))


if __name__ == "__main__":
    main()
