"""Runs networks of keras.applications with weights that a rule gives them, and writes what they return to keras.json.

    python3 weights/testdata/golden.py

It needs keras and a backend (made with 3.15 and tensorflow 2.21). The rule, draw, is the one of keras_test.go, so that no weights need be
stored. The arithmetic is float64.
"""

import json
import math
import os

import keras
import numpy as np

CLASSES = 10
MASK = (1 << 64) - 1


def draw(name, shape):
    """Numbers of [-1, 1), multiples of 2^-23: SplitMix64, from the FNV-1a hash of the name on."""
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    z = np.uint64(h) + np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def value(name, shape, gamma):
    """The float32 number that a weight has, by the kind that its name and shape tell; those called gamma are around the given one."""
    u = draw(name, shape)
    layer, kind = name.split("/")
    if len(shape) > 1:
        u = u * math.sqrt(6 / (math.prod(shape[:2]) if "depthwise" in layer else math.prod(shape[:-1])))
    else:
        u = u / 8 + {"gamma": gamma, "beta": 0.75, "moving_mean": 0, "moving_variance": 1, "bias": 0}[kind]
    return u.astype(np.float32).astype(np.float64)


def case(application, size, model, gamma):
    keras.utils.clear_session()
    net = getattr(keras.applications, application)(weights=None, input_shape=(size, size, 3), classes=CLASSES, classifier_activation=None)
    weights = []
    for layer in net.layers:
        for w in layer.weights:
            name = f"{layer.name}/{w.name}"
            w.assign(value(name, w.shape, gamma))
            weights.append(f"{name} {'x'.join(map(str, w.shape))}")
    x = draw("x", (2, 3, size, size)).astype(np.float32).astype(np.float64)
    logits = net(x.transpose(0, 2, 3, 1), training=False)
    return {"application": application, "model": model, "size": size, "gamma": gamma, "weights": weights, "logits": np.asarray(logits).ravel().tolist()}


keras.config.set_floatx("float64")
cases = [case("ResNet50", 96, "resnet50", 0.25), case("DenseNet121", 64, "densenet121", 1), case("MobileNetV2", 100, "mobilenet_v2", 1),
         case("InceptionV3", 107, "inception_v3", 0.25)]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras.json"), "w") as f:
    f.write("[" + ",\n".join(json.dumps(c) for c in cases) + "]\n")
