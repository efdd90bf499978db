"""Writes keras2.keras as Keras 2.12 to 2.15 write it, with the names of the layers in config.json only.

    python3 format/keras/testdata/keras2.py

It needs tf_keras (made with 2.21).
"""

import os

import numpy as np
import tf_keras as keras
from tf_keras import layers

model = keras.Sequential([
    layers.Input((4, 4, 1)), layers.Conv2D(2, 3, padding="same", name="first"), layers.BatchNormalization(name="norm"),
    layers.DepthwiseConv2D(3, name="deep"), layers.Conv2D(2, 1, name="second"), layers.Flatten(), layers.Dense(2, name="head")])
for i, w in enumerate(model.weights):
    w.assign(np.arange(np.prod(w.shape), dtype="float32").reshape(w.shape) + 100 * i)
model.save(os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras2.keras"))
