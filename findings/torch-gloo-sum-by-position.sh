#!/usr/bin/env bash
# PyTorch 2.13, gloo: the sum of the same four numbers over four ranks depends on where in the tensor they stand.
# Guess: one order of the ranks for all elements, so that a gradient has the same average whether its tensor is reduced alone or in a bucket with others.
# Seen (2026-11-30, Python 3.11, CPU), ranks hold 1e8, 1, -1e8 and 1 in float32 at each of eight positions: sums are 0, 0, 1, 1, 0, 0, 1, 1; alone in a tensor of
# one element the sum is 0. All ranks get the same bits, and the same again when it is repeated.
# In Gradchain: what is promised of a sum over ranks is the same bits on all ranks and in each run; exact sums where order does not matter.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def summed(rank, size, store, results):
  dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=size)
  found = []
  for length in (8, 1, 8):
    values = torch.full((length,), [1e8, 1.0, -1e8, 1.0][rank])
    dist.all_reduce(values)
    found.append(values.tolist())
  results.put(found)
  dist.destroy_process_group()


if __name__ == '__main__':
  results = mp.get_context('spawn').SimpleQueue()
  store = os.path.join(tempfile.mkdtemp(), 'store')
  mp.spawn(summed, (4, store, results), nprocs=4)
  ranks = [results.get() for _ in range(4)]
  print(f'torch {torch.__version__}: eight positions {ranks[0][0]}, alone {ranks[0][1]}')
  by_position = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]
  if any(found != [by_position, [0.0], by_position] for found in ranks):
    raise SystemExit('CHANGED: the sum over ranks depends on the position in another way')
PY
venv/bin/python run.py 2>&1 | grep -v -i warn
