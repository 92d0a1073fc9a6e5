"""Writes where the line searches of the real Optax lead, and what they keep, as data for `linesearch.test.ts`.

    python tests/parity/generate_linesearch.py

Each row is a transformation on a problem of Moré, Garbow and Hillstrom, whose params are leaves of one number each, or of several where the
problem is put side by side with itself. The two dtypes are run in processes of their own, as in `generate.py`.
"""

import json
import math
import platform
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

COMMAND = 'python tests/parity/generate_linesearch.py'
PATH = Path(__file__).parent / 'data' / 'linesearch.json'
DTYPES = ('float64', 'float32')


def rosenbrock(p):
    return jnp.sum((1 - p['x']) ** 2 + 100 * (p['y'] - p['x'] ** 2) ** 2)


def powell_singular(p):
    a, b, c, d = p['a'], p['b'], p['c'], p['d']
    return jnp.sum((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4)


def wood(p):
    a, b, c, d = p['a'], p['b'], p['c'], p['d']
    return jnp.sum(
        100 * (b - a ** 2) ** 2 + (1 - a) ** 2 + 90 * (d - c ** 2) ** 2 + (1 - c) ** 2
        + 10 * (b + d - 2) ** 2 + 0.1 * (b - d) ** 2
    )


def beale(p):
    x, y = p['x'], p['y']
    return jnp.sum(
        (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y ** 2)) ** 2 + (2.625 - x * (1 - y * y ** 2)) ** 2
    )


def himmelblau(p):
    x, y = p['x'], p['y']
    return jnp.sum((x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2)


def variably_dimensioned(p):
    j = jnp.arange(1, p['x'].size + 1, dtype=p['x'].dtype)
    s = jnp.sum(j * (p['x'] - 1))
    return jnp.sum((p['x'] - 1) ** 2) + s ** 2 + s ** 4


def starts(n, **numbers):
    return {name: [x] * n for name, x in numbers.items()}


PROBLEMS = {
    'rosenbrock': (rosenbrock, starts(1, x=-1.2, y=1.0)),
    'rosenbrock_10': (rosenbrock, starts(5, x=-1.2, y=1.0)),
    'powell_singular': (powell_singular, starts(1, a=3.0, b=-1.0, c=0.0, d=1.0)),
    'powell_singular_12': (powell_singular, starts(3, a=3.0, b=-1.0, c=0.0, d=1.0)),
    'wood': (wood, starts(1, a=-3.0, b=-1.0, c=-3.0, d=-1.0)),
    'beale': (beale, starts(1, x=1.0, y=1.0)),
    'himmelblau': (himmelblau, starts(1, x=0.0, y=0.0)),
    'variably_dimensioned': (variably_dimensioned, {'x': [1 - i / 10 for i in range(1, 11)]}),
}

# The steps are as many as rounding leaves alike: a search compares differences of losses, which near a minimum are rounding errors.
ROWS = [
    *(('lbfgs', 'optax.lbfgs()', problem, 24, 8) for problem in PROBLEMS),
    ('lbfgs/memory', 'optax.lbfgs(memory_size=2)', 'rosenbrock', 24, 8),
    ('lbfgs/memory', 'optax.lbfgs(memory_size=1)', 'powell_singular', 16, 8),
    ('lbfgs/unscaled', 'optax.lbfgs(scale_init_precond=False)', 'rosenbrock', 24, 8),
    ('lbfgs/unscaled', 'optax.lbfgs(scale_init_precond=False)', 'wood', 16, 8),
    ('lbfgs/rate', 'optax.lbfgs(0.1)', 'rosenbrock', 16, 8),
    (
        'lbfgs/backtracking',
        'optax.lbfgs(linesearch=optax.scale_by_backtracking_linesearch(30, store_grad=True))',
        'rosenbrock', 20, 8,
    ),
    ('zoom', 'optax.chain(optax.scale(-1), optax.scale_by_zoom_linesearch(30))', 'rosenbrock', 12, 6),
    ('zoom', 'optax.chain(optax.scale(-1), optax.scale_by_zoom_linesearch(30))', 'wood', 12, 6),
    (
        'zoom/all',
        'optax.chain(optax.scale(-0.01), optax.scale_by_zoom_linesearch(30, max_learning_rate=2.0, tol=1e-3,'
        ' increase_factor=1.5, slope_rtol=0.01, curv_rtol=0.3, approx_dec_rtol=None, stepsize_precision=1e-4,'
        " initial_guess_strategy='one'))",
        'powell_singular', 12, 6,
    ),
    (
        'backtracking',
        'optax.chain(optax.scale(-1), optax.scale_by_backtracking_linesearch(60))',
        'rosenbrock', 20, 8,
    ),
    (
        'backtracking/all',
        'optax.chain(optax.trace(0.5), optax.scale(-1), optax.scale_by_backtracking_linesearch(60, slope_rtol=0.3,'
        ' decrease_factor=0.6, increase_factor=2.0, max_learning_rate=0.5, atol=1e-3, rtol=1e-3, store_grad=True))',
        'beale', 20, 8,
    ),
]


def run(expression, problem, steps, dtype):
    loss, start = PROBLEMS[problem]
    tx = eval(expression, {'optax': optax})
    params = {name: jnp.asarray(numbers, dtype) for name, numbers in start.items()}
    state = tx.init(params)

    # A search is a loop that is compiled: once for all steps.
    @jax.jit
    def step(params, state):
        value, grad = jax.value_and_grad(loss)(params)
        updates, state = tx.update(grad, state, params, value=value, grad=grad, value_fn=loss)
        return optax.apply_updates(params, updates), state

    out = []
    for _ in range(steps):
        params, state = step(params, state)
        info = optax.tree.get(state, 'info')
        out.append({
            'params': {name: [number(x) for x in np.asarray(leaf)] for name, leaf in params.items()},
            'learningRate': number(optax.tree.get(state, 'learning_rate')),
            'value': number(optax.tree.get(state, 'value')),
            'info': [number(x) for x in info],
        })
    return out


def number(x):
    x = float(x)
    return x if math.isfinite(x) else str(x)


def run_dtype(dtype):
    jax.config.update('jax_enable_x64', dtype == 'float64')
    return [
        {
            'name': name, 'expression': expression, 'problem': problem,
            'steps': run(expression, problem, wide if dtype == 'float64' else narrow, dtype),
        }
        for name, expression, problem, wide, narrow in ROWS
    ]


if __name__ == '__main__':
    if len(sys.argv) > 1:
        print(json.dumps(run_dtype(sys.argv[1])))
    else:
        ran = {
            dtype: json.loads(subprocess.run([sys.executable, __file__, dtype], capture_output=True, check=True).stdout)
            for dtype in DTYPES
        }
        versions = {'python': platform.python_version(), 'optax': optax.__version__, 'jax': jax.__version__}
        start = {name: start for name, (_, start) in PROBLEMS.items()}
        body = ',\n'.join(
            f' "{dtype}": [\n' + ',\n'.join('  ' + json.dumps(row) for row in ran[dtype]) + '\n ]' for dtype in DTYPES
        )
        PATH.write_text(
            f'{{\n "command": "{COMMAND}",\n "versions": {json.dumps(versions)},\n "starts": {json.dumps(start)},\n{body}\n}}\n'
        )
