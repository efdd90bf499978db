"""Writes the files of testdata as numpy writes them.

    python3 format/npy/testdata/golden.py

It needs numpy (made with 2.4).
"""

import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = dict(f64="f8", f32="f4", f16="f2", i64="i8", i32="i4", i16="i2", i8="i1", u64="u8", u32="u4", u16="u2", u8="u1", bool="?")


def path(name):
    return os.path.join(HERE, name)


def sample(order):
    """The tensors of formattest.Sample, in the given byte order."""
    tensors = {f"layer.{n}": np.array([[0, 1, 2], [3, 4, 100]]).astype(np.dtype(t).newbyteorder(order)) for n, t in TYPES.items()}
    tensors["scalar"] = np.array(7, dtype=np.int64)
    tensors["none"] = np.zeros((0, 3), dtype=np.float32)
    return tensors


np.savez(path("types.npz"), **sample("<"))
np.savez_compressed(path("compressed.npz"), **sample("<"))
np.savez(path("big.npz"), **{k: v.copy("F") for k, v in sample(">").items()})  # big-endian, first index fastest

# Element (i, j, k) is 100 i + 10 j + k.
table = 100 * np.arange(2)[:, None, None] + 10 * np.arange(3)[:, None] + np.arange(4)
table = table.astype(np.float32)
for version in 1, 2, 3:
    with open(path(f"version{version}.npy"), "wb") as f:
        np.lib.format.write_array(f, table, version=(version, 0))
np.save(path("fortran.npy"), np.asfortranarray(table))
np.save(path("big.npy"), np.asfortranarray(table.astype(">f4")))
