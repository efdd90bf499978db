"""A selection of ONNX's backend tests, small enough to be committed.

    apt-get install libonnx-testdata
    python3 format/onnx/testdata/pick.py /usr/share/libonnx-testdata/data/node /usr/share/libonnx-testdata/data/pytorch-converted ...

writes format/onnx/testdata/nodes.tar.gz from the tests in the given folders, each a folder with model.onnx and test data: for every operator
and version of the operator set the EACH smallest ones. The tests are those of ONNX, under the Apache License 2.0
(https://github.com/onnx/onnx).
"""

import gzip
import io
import os
import sys
import tarfile

import onnx

HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST = 6000  # bytes of a test
EACH = 3


def files(folder):
    for sub, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            yield os.path.join(sub, name)


def main():
    groups = {}
    for root in sys.argv[1:]:
        for name in sorted(os.listdir(root)):
            folder = os.path.join(root, name)
            if not os.path.exists(folder + "/model.onnx"):
                continue
            size = sum(os.path.getsize(f) for f in files(folder))
            model = onnx.load(folder + "/model.onnx")
            versions = tuple(sorted((o.domain, o.version) for o in model.opset_import))
            operators = tuple(sorted({n.op_type for n in model.graph.node}))
            if size <= LARGEST and all(d in ("", "ai.onnx") for d, _ in versions):
                groups.setdefault((operators, versions), {}).setdefault(name, (size, folder))
    chosen = {}
    for tests in groups.values():
        for name, (_, folder) in sorted(tests.items(), key=lambda t: (t[1][0], t[0]))[:EACH]:
            chosen[name] = folder
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, folder in sorted(chosen.items()):
            for path in files(folder):
                info = tarfile.TarInfo(os.path.join(name, os.path.relpath(path, folder)))
                info.size = os.path.getsize(path)
                with open(path, "rb") as f:
                    tar.addfile(info, f)
    with open(os.path.join(HERE, "nodes.tar.gz"), "wb") as f:
        f.write(gzip.compress(raw.getvalue(), 9, mtime=0))
    print(len(chosen), "tests")


if __name__ == "__main__":
    main()
