#!/usr/bin/env bash
# Measures lince and its peers in turns, and writes the table of bench/README.md. peers/install.sh comes first.
#
#   bench/compare.sh [train] [infer] [conv] [gemm]        all if none is named
#
# WORKS='^(train|infer) resnet18' (a regular expression) takes some of the works. ROUNDS (3) is how often each is measured, lince and the
# peers in turns. THREADS is 2. STEPS=1 times one step of each, to see that everything runs; 0 takes as many as a good figure
# needs. README= (empty) leaves the table where it is and only prints it. OUT is where the results go, a line of JSON each.
# PEERS and PYTHON are those of peers/install.sh; TORCH_PYTHONS are the Pythons whose PyTorch is measured, PYTHON if none is named: the best
# counts. QUIET=0 does not wait for a quiet machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PEERS=${PEERS:-${TMPDIR:-/tmp}/lince-peers}
PYTHON=${PYTHON:-python3}
TORCH_PYTHONS=${TORCH_PYTHONS:-$PYTHON}
THREADS=${THREADS:-2}
STEPS=${STEPS:-0}
ROUNDS=${ROUNDS:-3}
WORKS=${WORKS:-.}
README=${README-$here/README.md}
export BENCH_QUIET=${QUIET:-1} ORT_LIB=$PEERS/libonnxruntime.so

tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
OUT=${OUT:-$tmp/results.jsonl}
: >"$OUT"
(cd "$here/.." && go build -o "$tmp/lince" ./cmd/lince)

# The best of PyTorch: an allocator that keeps its memory, OpenBLAS's AVX-512 kernels where the CPU is newer than it knows, and, where
# peers/install.sh has it, OpenBLAS's build for OpenMP, which shares PyTorch's threads.
torch_settings() {
	export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=34359738368 MALLOC_TOP_PAD_=67108864
	if grep -qw avx512f /proc/cpuinfo; then export OPENBLAS_CORETYPE=SKYLAKEX; fi
	local blas
	blas=$(find -L "$PEERS" -name libblas.so.3 2>/dev/null | head -1)
	if [ -n "$blas" ]; then export LD_LIBRARY_PATH=${blas%/*}; fi
}

wanted() { grep -Eq "$WORKS" <<<"$1"; }
# measure WORK WHO SETTING COMMAND...
measure() {
	local work=$1 who=$2 setting=$3
	shift 3
	"$PYTHON" "$here/peers/quiet.py" "$OUT" "$PEERS/peak" "$THREADS" "$work" "$who" "$setting" -- "$@"
}
lince() { "$tmp/lince" bench "$@"; }

train() { # MODEL BATCH [OPTIONS]
	local work="train $1, batch $2" layout python
	wanted "$work" || return 0
	measure "$work" lince "" "$tmp/lince" bench train --model "$1${3:-}" --batch "$2" --threads "$THREADS" --steps "$STEPS" --json
	for python in $TORCH_PYTHONS; do
		for layout in contiguous channels_last; do
			(torch_settings; measure "$work" PyTorch "$layout, $("$python" -c 'import torch; print(torch.__version__)')" \
				"$python" "$here/peers/torch_bench.py" train "$1" "$2" "$layout" "$THREADS" "$STEPS")
		done
	done
}

infer() { # MODEL BATCH [OPTIONS]
	local work="infer $1, batch $2"
	wanted "$work" || return 0
	measure "$work" lince "" "$tmp/lince" bench infer --model "$1${3:-}" --batch "$2" --threads "$THREADS" --steps "$STEPS" --json
	measure "$work" "ONNX Runtime" "" "$PEERS/ort" "$PEERS/$1.onnx" "$2" "$THREADS" "$STEPS"
}

exported() { # NAME BATCH OPTIONS...   a network that only lince has, which it writes as an ONNX model for its peer
	local work="infer $1, batch $2" model="$tmp/network.onnx" batch=$2
	shift 2
	wanted "$work" || return 0
	measure "$work" lince "" "$tmp/lince" bench infer "$@" --batch "$batch" --threads "$THREADS" --steps "$STEPS" --json
	lince infer "$@" --export "$model" >/dev/null
	measure "$work" "ONNX Runtime" "" "$PEERS/ort" "$model" "$batch" "$THREADS" "$STEPS"
}

conv() { # MODEL
	local work="conv $1, batch 8" shapes="$tmp/$1.shapes"
	wanted "$work" || return 0
	measure "$work" lince "" "$tmp/lince" bench conv --model "$1" --batch 8 --threads "$THREADS" --steps "$STEPS" --json
	lince conv --model "$1" --batch 8 --steps 1 --json | "$PYTHON" "$here/peers/shapes.py" >"$shapes"
	OMP_NUM_THREADS=$THREADS measure "$work" oneDNN "" "$PEERS/onednn" "$STEPS" conv "$shapes"
}

gemm() { # N
	local work="gemm $1"
	wanted "$work" || return 0
	measure "$work" lince "" "$tmp/lince" bench gemm "$1x$1x$1" --threads "$THREADS" --steps "$STEPS" --json
	OMP_NUM_THREADS=$THREADS measure "$work" oneDNN "" "$PEERS/onednn" "$STEPS" gemm "$1" "$1" "$1"
}

all_train() {
	train lenet5 128 :activation=relu,pool=max
	train cnn3 12
	train resnet20-cifar 128
	train resnet18-cifar 128
	local m
	for m in resnet18 resnet50 densenet121 googlenet inception_v3; do train $m 8; done
}

all_infer() {
	local m b
	infer lenet5 128 :activation=relu,pool=max
	for m in resnet18 resnet50 densenet121 googlenet inception_v3; do
		for b in 1 8; do infer $m $b; done
	done
	# What the tasks of vision train without --model.
	exported "resnet18:width=0.5 that localizes" 1 --model resnet18:width=0.5 --task localize
	exported lince-det 1 --model lince-det
	exported lince-seg 1 --model lince-seg
	exported "lince-mask, boxes" 1 --model lince-mask
	exported "lince-mask, masks of boxes" 16 --model lince-mask --masks
}

all_conv() { conv resnet18; conv resnet50; }
all_gemm() { gemm 512; gemm 1024; gemm 2048; }

command="bench/compare.sh $*"
[ $# -gt 0 ] || set -- gemm conv infer train
for what; do
	case $what in
	train | infer | conv | gemm) ;;
	*) echo "compare.sh: unknown work $what: there are train, infer, conv and gemm" >&2; exit 2 ;;
	esac
done
for ((round = 0; round < ROUNDS; round++)); do
	for what; do "all_$what"; done
done
cd "$here/.." && go run ./bench/table -command "$command" ${README:+-into "$README"} "$OUT"
