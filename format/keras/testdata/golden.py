"""Writes the files of testdata as Keras writes them.

    python3 format/keras/testdata/golden.py

It needs keras and a backend (made with 3.15 and tensorflow 2.21). old.h5 is laid out as Keras 2 has it.
"""

import os

import h5py
import keras
import numpy as np
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


inner = keras.Sequential([layers.Input((4, 4, 2)), layers.DepthwiseConv2D(3, name="deep"), layers.BatchNormalization(scale=False, name="norm")], name="inner")
model = keras.Sequential([
    layers.Input((4, 4, 1)), layers.Conv2D(2, 3, padding="same", name="first"), layers.BatchNormalization(), inner,
    layers.Flatten(), layers.Dropout(0.5), layers.Dense(2)])
for i, w in enumerate(model.weights):
    w.assign(np.arange(np.prod(w.shape), dtype="float32").reshape(w.shape) + 100 * i)
model.compile("sgd", "mse")
model.save(path("small.keras"))
model.save(path("small.h5"))
model.save_weights(path("small.weights.h5"))

with h5py.File(path("old.h5"), "w") as f:
    f.attrs["layer_names"] = np.array([b"conv1/conv", b"pool1", b"fc"])
    f.attrs["keras_version"], f.attrs["backend"] = np.bytes_("2.2.4"), np.bytes_("tensorflow")
    for layer in "conv1/conv", "fc":
        names = [f"{layer}/kernel:0", f"{layer}/bias:0"]
        g = f.create_group(layer)
        g.attrs["weight_names"] = np.array([n.encode() for n in names])
        for n in names:
            g[n] = np.zeros((1, 2), dtype="float32")
    f.create_group("pool1").attrs["weight_names"] = np.array([], dtype="S1")
