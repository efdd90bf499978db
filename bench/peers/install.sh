#!/usr/bin/env bash
# Builds the peers' programs into $PEERS (default: lince-peers in the folder for temporary files) and exports the ONNX models.
# It needs gcc, g++, oneDNN (Debian: libdnnl-dev), a Python with torch, torchvision and onnx ($PYTHON; Debian: python3-torch
# python3-torchvision python3-onnx), npm for ONNX Runtime's library unless $ORT_LIB names it, and Go.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PEERS=${PEERS:-${TMPDIR:-/tmp}/lince-peers}
PYTHON=${PYTHON:-python3}
mkdir -p "$PEERS"

gcc -O2 -pthread -o "$PEERS/peak" "$here/peak.c"
gcc -O2 -pthread -o "$PEERS/distance" "$here/distance.c"
g++ -O2 -o "$PEERS/onednn" "$here/onednn.cpp" -ldnnl

if [ -z "${ORT_LIB:-}" ]; then # the package for Node carries the library; without its scripts it downloads nothing else
	npm install --prefix "$PEERS" --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0
	ORT_LIB=$(find "$PEERS/node_modules/onnxruntime-node/bin" -path '*linux/x64*' -name 'libonnxruntime.so*' | head -1)
fi
ln -sf "$ORT_LIB" "$PEERS/libonnxruntime.so"
# A Go module carries the header.
header=$(go mod download -json github.com/yalue/onnxruntime_go@v1.27.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
gcc -O2 -I"$header" -o "$PEERS/ort" "$here/ort.c" -ldl

if command -v apt-get >/dev/null; then # for Debian's PyTorch; unpacked only, the system's BLAS stays as it is
	(cd "$PEERS" && apt-get -qq download libopenblas0-openmp && for f in libopenblas0-openmp_*.deb; do dpkg -x "$f" openblas; done)
fi

"$PYTHON" "$here/torch_bench.py" export "$PEERS" lenet5 resnet18 resnet50 densenet121 googlenet inception_v3
