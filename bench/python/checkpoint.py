"""Python's safetensors: answers each line on stdin with the milliseconds of saving or loading. See src/probes/checkpoint.ts."""

import os
import sys
import time

import numpy
from safetensors.numpy import load_file, save_file

WHAT, PATH = sys.argv[1:3]
ARRAYS, LENGTH = map(int, sys.argv[3:])


def save(tensors):
    # As we do: synced and renamed.
    save_file(tensors, PATH + ".tmp")
    file = os.open(PATH + ".tmp", os.O_RDONLY)
    os.fsync(file)
    os.close(file)
    os.rename(PATH + ".tmp", PATH)


tensors = {str(k): numpy.sin(numpy.arange(LENGTH, dtype="float32") + k) for k in range(ARRAYS)}
save(tensors)
for _ in sys.stdin:
    since = time.perf_counter()
    save(tensors) if WHAT == "save" else load_file(PATH)
    print((time.perf_counter() - since) * 1e3, flush=True)
