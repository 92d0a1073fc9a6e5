"""Writes what the real bitsandbytes does with blocks of numbers, and ml_dtypes with 8-bit floats, as data for `packing.test.ts`.

    git clone https://github.com/bitsandbytes-foundation/bitsandbytes && cd bitsandbytes
    git checkout 95f9af309d4d5793847169c39288dcd3fcbdf564
    PYTHONPATH=. python …/tests/parity/generate_packing.py          with torch, numpy and ml_dtypes

It is run without its native library, and takes the nearest code of all. Its native code for CPUs looks codes up in a grid of equal steps, in
which small numbers have few of their own: of the squares below, 465 of 1024 are not given their nearest, and what is to be 0 becomes 1.6e-5.

Numbers are made by a rule, the same here and in the test, so that only
what comes out is stored:

    s ← (1664525 s + 1013904223) mod 2³²,  x = (s / 2³² − ½) · 2^(−(s mod 12)),  squared for second moments
"""

import json
import platform
from pathlib import Path

import bitsandbytes
import bitsandbytes.functional as functional
import ml_dtypes
import numpy as np
import torch
from bitsandbytes.cextension import ErrorHandlerMockBNBNativeLibrary, lib

COMMAND = 'python tests/parity/generate_packing.py'
FILE = Path(__file__).parent / 'data' / 'packing.json'
BLOCK = 256
SIZE = 4 * BLOCK


def numbers(seed, is_squared):
  """Float32 numbers by the rule above."""
  out = np.empty(SIZE, np.float32)
  s = seed
  for i in range(SIZE):
    s = (1664525 * s + 1013904223) % 2**32
    x = np.float32((s / 2**32 - 0.5) * 2.0 ** -(s % 12))
    out[i] = x * x if is_squared else x
  return out


def blocks(is_signed):
  """Codes and scales of bitsandbytes for one array."""
  code = functional.create_dynamic_map(signed=is_signed)
  x = numbers(7 if is_signed else 8, not is_signed)
  codes, state = functional.quantize_blockwise(torch.from_numpy(x), code=code, blocksize=BLOCK)
  return {
    'map': [float(v) for v in code],
    'codes': codes.tolist(),
    'scales': [float(v) for v in state.absmax],
  }


def floats(dtype, largest):
  """The values of all codes, null for what is no number, and the codes of an array in whose blocks the largest number becomes the largest there is."""
  values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float64)
  x = numbers(7, False).reshape(-1, BLOCK)
  scaled = (x * (np.float32(largest) / np.abs(x).max(axis=1, keepdims=True))).astype(np.float32)
  return {
    'map': [float(v) if np.isfinite(v) else None for v in values],
    'codes': scaled.astype(dtype).view(np.uint8).ravel().tolist(),
    'largest': largest,
  }


def main():
  if not isinstance(lib, ErrorHandlerMockBNBNativeLibrary):
    raise SystemExit('bitsandbytes has its native library here, whose codes are not the nearest ones')
  data = {
    'command': COMMAND,
    'versions': {
      'bitsandbytes': bitsandbytes.__version__,
      'torch': torch.__version__,
      'ml_dtypes': ml_dtypes.__version__,
      'numpy': np.__version__,
      'python': platform.python_version(),
    },
    'signed': blocks(True),
    'unsigned': blocks(False),
    'e4m3fn': floats(ml_dtypes.float8_e4m3fn, 448),
    'e5m2': floats(ml_dtypes.float8_e5m2, 57344),
  }
  FILE.write_text(json.dumps(data) + '\n')


if __name__ == '__main__':
  main()
