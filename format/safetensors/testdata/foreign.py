"""Writes foreign.safetensors: every element type as Python's safetensors writes it, with a metadata entry and without a checksum.

    python3 format/safetensors/testdata/foreign.py

It needs torch and safetensors (made with 2.15 and 0.8).
"""

import os

import torch
from safetensors.torch import save_file

TYPES = dict(
    f64=torch.float64, f32=torch.float32, f16=torch.float16, bf16=torch.bfloat16, f8e4m3=torch.float8_e4m3fn, f8e5m2=torch.float8_e5m2,
    i64=torch.int64, i32=torch.int32, i16=torch.int16, i8=torch.int8, u64=torch.uint64, u32=torch.uint32, u16=torch.uint16, u8=torch.uint8,
    bool=torch.bool)

# The tensors of formattest.Sample.
tensors = {f"layer.{name}": torch.tensor([[0, 1, 2], [3, 4, 100]], dtype=torch.float64).to(t) for name, t in TYPES.items()}
tensors["scalar"] = torch.tensor(7, dtype=torch.int64)
tensors["none"] = torch.zeros(0, 3)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "foreign.safetensors")
save_file(tensors, path, metadata={"format": "pt"})
os.chmod(path, 0o644)
