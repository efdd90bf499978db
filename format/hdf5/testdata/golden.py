"""Writes the files of testdata as h5py writes them.

    python3 format/hdf5/testdata/golden.py

It needs h5py and numpy (made with 3.14 and 2.4).
"""

import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = dict(f64="f8", f32="f4", f16="f2", i64="i8", i32="i4", i16="i2", i8="i1", u64="u8", u32="u4", u16="u2", u8="u1")


def create(name, **options):
    return h5py.File(os.path.join(HERE, name), "w", **options)


def sample(f, order):
    """The tensors of formattest.Sample, in the given byte order."""
    for n, t in TYPES.items():
        f[f"layer.{n}"] = np.array([[0, 1, 2], [3, 4, 100]]).astype(np.dtype(t).newbyteorder(order))
    f["scalar"] = np.array(7, dtype=np.dtype("i8").newbyteorder(order))
    f["none"] = np.zeros((0, 3), dtype=np.dtype("f4").newbyteorder(order))


with create("types.h5") as f:
    sample(f, "<")
with create("big.h5") as f:
    sample(f, ">")

with create("attributes.h5") as f:
    f.attrs["fixed"] = np.bytes_("fixed length")
    f.attrs["varying"] = "varying length é"
    f.attrs["empty"] = ""
    f.attrs["long"] = 2000 * "x"  # passed over, as are all that follow
    f.attrs["number"] = 3
    f.attrs["list"] = ["a", "b"]
    f.attrs["null"] = h5py.Empty("S3")
    g = f.create_group("a/b")
    for i in range(20):  # more than fit the header's first block
        g.attrs[f"name{i}"] = f"value {i}"
    g["c"] = np.float32(1)

with create("deep.h5") as f:  # a tree of two levels
    for i in range(150):
        f[f"tensor{i:03}"] = np.array([i], dtype="u1")

with create("latest.h5", libver="latest") as f:
    f["x"] = np.zeros(2)
with create("ordered.h5", track_order=True) as f:
    f["x"] = np.zeros(2)

def counted(*shape):
    """0, 1, 2, ..."""
    return np.arange(np.prod(shape), dtype="f4").reshape(shape)


with create("chunked.h5") as f:
    f.create_dataset("one", data=counted(10), chunks=(3,))
    f.create_dataset("grid", data=counted(3, 3, 5, 7), chunks=(2, 3, 4, 2))
    f.create_dataset("many", data=counted(200, 2), chunks=(1, 2))  # a tree of two levels
    f.create_dataset("growing", data=counted(2, 3), maxshape=(None, None), chunks=(4, 4))
    f.create_dataset("big", data=counted(5).astype(">f4"), chunks=(2,))
    f.create_dataset("none", data=counted(0, 3), maxshape=(None, 3), chunks=(4, 3))
with create("zipped.h5") as f:
    f.create_dataset("shuffled", data=counted(12, 9), chunks=(8, 8), compression="gzip", shuffle=True)
    f.create_dataset("only", data=counted(5), chunks=(3,), compression="gzip")
with create("summed.h5") as f:
    f.create_dataset("x", data=np.zeros(10), chunks=(2,), fletcher32=True)
with create("holes.h5") as f:
    f.create_dataset("x", shape=(10,), dtype="f4", chunks=(2,))[:2] = 1
with create("zeros.h5") as f:
    f.create_dataset("x", data=np.zeros((1 << 21, 2)), chunks=(1 << 20, 2), compression="gzip")
with create("strings.h5") as f:
    f["x"] = ["a", "b"]
with create("complex.h5") as f:
    f["x"] = np.zeros(2, dtype=np.complex64)
with create("soft.h5") as f:
    f["x"] = h5py.SoftLink("/y")
with create("cycle.h5") as f:
    f.create_group("a")["b"] = f["/"]
