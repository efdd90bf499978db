"""Writes small batches as the pickles of CIFAR for Python have them, with every protocol: python pickles.py"""
import pickle
import struct

import numpy as np

pixels = np.arange(2 * 3072).reshape(2, 3072) % 7
images = pixels.astype(np.uint8)


def python2(labels, names):
    """The opcodes that cPickle of Python 2 writes, as in the published files: str is SHORT_BINSTRING or BINSTRING."""
    u = lambda s: b"U" + bytes([len(s)]) + s
    raw = images.tobytes()
    out = b"\x80\x02}q\x01(" + u(b"batch_label") + u(b"testing batch") + u(b"labels") + b"](" + b"".join(b"K" + bytes([n]) for n in labels) + b"e"
    out += u(b"data") + b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85" + u(b"b") + b"tR(K\x01K\x02M\x00\x0c\x86"
    out += b"cnumpy\ndtype\n(" + u(b"u1") + b"K\x00K\x01tR(K\x03" + u(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
    out += b"T" + struct.pack("<I", len(raw)) + raw + b"tb"
    return out + u(b"filenames") + b"](" + b"".join(u(n) for n in names) + b"eu."


assert (pickle.loads(python2([6, 9], [b"a.png", b"b.png"]), encoding="bytes")[b"data"] == images).all()
open("batch-python2", "wb").write(python2([6, 9], [b"a.png", b"b.png"]))
for protocol in 2, 3, 4, 5:
    with open(f"batch-protocol{protocol}", "wb") as f:
        pickle.dump({b"labels": [6, 9], b"data": images, b"filenames": [b"a.png", b"b.png"]}, f, protocol=protocol)
with open("batch-wide", "wb") as f:
    pickle.dump({"labels": [6, 9], "data": images.astype(np.int16)}, f, protocol=3)
with open("meta", "wb") as f:
    pickle.dump({"label_names": ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], "num_vis": 3072}, f, protocol=2)
