#!/usr/bin/env bash
# PyTorch 2.13, gloo: all_reduce with MAX over four ranks, one of which has NaN, gives at some positions neither NaN nor the maximum of the others.
# Guess: NaN wins, as in torch.max; or is left out, as in C's fmax, so that the largest of the other ranks is there.
# Seen (2026-11-30, Python 3.11, CPU), rank r holds r at all of eight positions, but NaN on one rank: NaN on rank 2 gives 1, 1, 1, 1, NaN, NaN, 3, 3, though
# rank 3 holds a 3 everywhere; NaN on rank 3 gives 2 six times and NaN twice. All ranks get the same.
# In Gradchain: communicators give NaN wherever a rank has it, and whether gradients are finite goes from rank to rank as a whole number.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import math
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def reduced(rank, size, store, results):
  dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=size)
  found = []
  for broken in (2, 3):
    values = torch.full((8,), math.nan if rank == broken else float(rank))
    dist.all_reduce(values, dist.ReduceOp.MAX)
    found.append(str(values.tolist()))
  results.put(found)
  dist.destroy_process_group()


if __name__ == '__main__':
  results = mp.get_context('spawn').SimpleQueue()
  store = os.path.join(tempfile.mkdtemp(), 'store')
  mp.spawn(reduced, (4, store, results), nprocs=4)
  ranks = [results.get() for _ in range(4)]
  print(f'torch {torch.__version__}: NaN on rank 2: {ranks[0][0]}, on rank 3: {ranks[0][1]}')
  expected = ['[1.0, 1.0, 1.0, 1.0, nan, nan, 3.0, 3.0]', '[2.0, 2.0, 2.0, 2.0, 2.0, 2.0, nan, nan]']
  if any(found != expected for found in ranks):
    raise SystemExit('CHANGED: the maximum over ranks with NaN is another')
PY
venv/bin/python run.py 2>&1 | grep -v -i warn
