"""Writes what the Kron of timm computes, as data for `kron.test.ts`.

    pip install torch==2.13.0 numpy && pip install --no-deps timm==1.0.29
    python tests/parity/generate_kron.py

What is random there is made certain: probes are the function `probe` of their shape, balancing happens always or never. And what is
rounded to float32 there whatever the dtype, the solution of triangular systems, is not.
"""

import importlib
import importlib.metadata
import importlib.util
import json
import platform
import sys
import types
from pathlib import Path

import numpy as np
import torch

STEPS = 5
CASES = {
    'matrix': ((4, 3), {}),
    'matrix, balanced': ((4, 3), {'balance': True, 'precond_init_scale': 3.0}),
    'matrix, from raw gradients': ((3, 5), {'momentum_into_precond_update': False, 'momentum': 0.5}),
    'matrix, one diagonal': ((3, 3), {'memory_save_mode': 'one_diag'}),
    'matrix, smart with equal sides': ((3, 3), {'memory_save_mode': 'smart_one_diag'}),
    'matrix, smart': ((4, 3), {'memory_save_mode': 'smart_one_diag'}),
    'matrix, all diagonal': ((4, 3), {'memory_save_mode': 'all_diag'}),
    'matrix, a long axis': ((5, 2), {'max_size_triangular': 4, 'precond_lr': 0.3}),
    'every third step': ((4, 3), {'preconditioner_update_probability': 0.34}),
    'convolution': ((2, 3, 1, 2), {}),
    'vector': ((5,), {}),
    'vector, triangular': ((4,), {'min_ndim_triangular': 1}),
    'number': ((), {}),
}


def module_of_timm(name):
    """A module of timm without all that its packages import, which needs torchvision."""
    folder = Path(importlib.util.find_spec('timm').origin).parent
    for package, path in (('timm', folder), ('timm.optim', folder / 'optim')):
        module = types.ModuleType(package)
        module.__path__ = [str(path)]
        sys.modules[package] = module
    return importlib.import_module(name)


kron = module_of_timm('timm.optim.kron')


def numbers(seed, shape):
    k = np.arange(int(np.prod(shape)), dtype=np.float64)
    return torch.tensor(np.cos(3 * seed + k * k) + 0.1 * k).reshape(shape)


def probe(shape, **_):
    return numbers(0.25, tuple(shape))


def solve(x, a):
    return torch.linalg.solve_triangular(a, x.reshape(-1, x.size(-1)), upper=True, left=False).reshape_as(x)


def run(shape, options):
    options = dict(options)
    balance = options.pop('balance', False)
    param = torch.nn.Parameter(torch.zeros(shape, dtype=torch.float64))
    optimizer = kron.Kron([param], lr=1.0, **options)
    for name in ('_calc_A_and_conjB', '_q_terms', '_precond_grad', '_balance_Q'):
        setattr(optimizer, name, getattr(kron, name))
    optimizer.rng.random = lambda: 0.0 if balance else 1.0
    updates = []
    for step in range(STEPS):
        before = param.detach().clone()
        param.grad = numbers(step + 1, shape)
        optimizer.step()
        updates.append((before - param.detach()).reshape(-1).tolist())
    return updates


kron.torch.randn = probe
kron._solve_triangular_right = solve
cases = [
    {'name': name, 'shape': list(shape), 'options': options, 'updates': run(shape, options)}
    for name, (shape, options) in CASES.items()
]
versions = {'python': platform.python_version(), 'timm': importlib.metadata.version('timm'), 'torch': torch.__version__}
path = Path(__file__).parent / 'data' / 'kron.json'
rows = ',\n'.join('  ' + json.dumps(case) for case in cases)
path.write_text(
    '{\n "command": "python tests/parity/generate_kron.py",\n'
    f' "versions": {json.dumps(versions)},\n "cases": [\n{rows}\n ]\n}}\n'
)
