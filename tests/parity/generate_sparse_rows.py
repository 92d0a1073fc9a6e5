"""Writes what the SparseAdam of the real PyTorch computes, as data for `sparseRows.test.ts`.

    pip install torch==2.13.0 numpy
    python tests/parity/generate_sparse_rows.py

Rows come and go, and some are there more than once in a step. All numbers are dyadic, so that they are the same in both dtypes.
"""

import json
import platform
from pathlib import Path

import numpy as np
import torch

COMMAND = 'python tests/parity/generate_sparse_rows.py'
SHAPE = (5, 3)
STEPS = (
    [0, 2],
    [2],
    [2, 2, 4],
    [],
    [1, 0, 1],
    [4, 3],
    [0, 1, 2, 3, 4],
    [3, 3, 3],
    [0],
    [4, 0, 4, 0],
    [],
    [2, 1],
    [0, 4],
    [1, 1],
)
CASES = {
    'SparseAdam': 'torch.optim.SparseAdam(params, lr=0.1)',
    'SparseAdam/eps': 'torch.optim.SparseAdam(params, lr=0.05, betas=(0.8, 0.95), eps=0.01)',
    'SparseAdam/maximize': 'torch.optim.SparseAdam(params, lr=0.1, maximize=True)',
}


def numbers(seed, count):
    k = np.arange(count)
    return ((seed * 37 + k * k * 13 + k * 5) % 61 - 30) / 16


def run_case(optimizer, dtype):
    params = [torch.nn.Parameter(torch.tensor(numbers(0, 15), dtype=dtype).reshape(SHAPE))]
    optimizer = eval(optimizer, {'torch': torch, 'params': params})
    recorded = []
    for t, rows in enumerate(STEPS, 1):
        values = torch.tensor(numbers(t, 3 * len(rows)), dtype=dtype).reshape(len(rows), 3)
        index = torch.tensor([rows], dtype=torch.int64).reshape(1, len(rows))
        params[0].grad = torch.sparse_coo_tensor(index, values, SHAPE, dtype=dtype)
        optimizer.step()
        recorded.append([float(x) for x in params[0].detach().reshape(-1)])
    return recorded


def main():
    data = {
        'command': COMMAND,
        'versions': {'torch': torch.__version__, 'numpy': np.__version__, 'python': platform.python_version()},
        'shape': SHAPE,
        'params': numbers(0, 15).tolist(),
        'steps': [
            {'indices': rows, 'values': numbers(t, 3 * len(rows)).tolist()} for t, rows in enumerate(STEPS, 1)
        ],
        'cases': [
            {
                'name': name,
                'expression': expression,
                'params': {
                    'float64': run_case(expression, torch.float64),
                    'float32': run_case(expression, torch.float32),
                },
            }
            for name, expression in CASES.items()
        ],
    }
    path = Path(__file__).parent / 'data' / 'sparseRows.json'
    path.write_text(json.dumps(data, separators=(',', ':')) + '\n')
    print(f'{path.stat().st_size / 1e6:6.2f} MB  {path.name}')


if __name__ == '__main__':
    main()
