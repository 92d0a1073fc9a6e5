"""Writes what the real JAX and Optax compute of derivatives, as data for `derivatives.test.ts`.

    python tests/parity/generate_derivatives.py

FUNCTIONS has losses of one vector, each with the points at which it is looked at; the gradient is that of `jax.grad`, the
product with the Hessian is forward over reverse mode, `jax.jvp` of it. HYPER has losses after some steps of an Optax
optimizer, as functions of its hyperparameters and of the params it starts from. Everything is float64, operation by
operation. To cover something new, add a row here and a row of the same name in `derivatives.ts`.
"""

import json
import platform
from pathlib import Path

import jax

jax.config.update('jax_enable_x64', True)

import jax.numpy as jnp
import jax.scipy.special as jsp
import numpy as np
import optax

SMOOTH = [[0.75, -1.25, 2.0], [-0.125, 0.5, 1.0]]
POSITIVE = [[0.75, 1.25, 2.0], [0.0625, 4.0, 1.0]]
KINKS = [[0.0, 1.0, -1.0], [2.0, 2.0, 2.0], [-0.0, 0.0, 3.0]]
M = '(jnp.arange(1.0, 10.0).reshape(3, 3) - 4.5)'

# name: (a loss of x, a vector of three, as a JAX expression; the points)
FUNCTIONS = {
    'sum of squares': ('jnp.sum(x * x)', SMOOTH + KINKS),
    'add, sub, mul, div': ('jnp.sum((x + 2) * (x - 3) / (x * x + 1))', SMOOTH + KINKS),
    'neg': ('jnp.sum(-x * x[0])', None),
    'abs': ('jnp.sum(jnp.abs(x))', SMOOTH + KINKS),
    'abs cubed': ('jnp.sum(jnp.abs(x) ** 3)', SMOOTH + KINKS),
    'sqrt': ('jnp.sum(jnp.sqrt(x))', POSITIVE),
    'sqrt at 0': ('jnp.sum(jnp.sqrt(x))', [[0.0, 1.0, 4.0]]),
    'rsqrt': ('jnp.sum(1 / jnp.sqrt(x))', POSITIVE),
    'norm': ('jnp.sqrt(jnp.sum(x * x))', SMOOTH + [[0.0, 3.0, -4.0]]),
    'exp': ('jnp.sum(jnp.exp(x))', SMOOTH + KINKS),
    'log': ('jnp.sum(jnp.log(x))', POSITIVE),
    'log1p': ('jnp.sum(jnp.log1p(x))', POSITIVE + [[0.0, 1e-20, -0.5]]),
    'tanh': ('jnp.sum(jnp.tanh(x))', SMOOTH + KINKS + [[1e-8, 20.0, -400.0]]),
    'sin and cos': ('jnp.sum(jnp.sin(x) * jnp.cos(2 * x))', SMOOTH + KINKS),
    'erf': ('jnp.sum(jsp.erf(x))', SMOOTH + KINKS + [[6.0, -6.0, 30.0]]),
    'floor': ('jnp.sum(jnp.floor(x) * x)', SMOOTH + KINKS),
    'comparison': ('jnp.sum((x < 1) * x)', SMOOTH + KINKS),
    'sign': ('jnp.sum(jnp.sign(x) * x)', SMOOTH + KINKS),
    'max with a number': ('jnp.sum(jnp.maximum(x, 1.0) ** 2)', SMOOTH + KINKS),
    'min of two': ('jnp.sum(jnp.minimum(x, x[::-1]) * x)', None),
    'relu': ('jnp.sum(jnp.maximum(x, 0.0))', SMOOTH + KINKS),
    'clip': ('jnp.sum(jnp.minimum(jnp.maximum(x, -1.0), 1.0) * x)', SMOOTH + KINKS),
    'largest': ('jnp.max(x) ** 2', SMOOTH + KINKS),
    'smallest': ('jnp.min(x) ** 3', SMOOTH + KINKS),
    'pow 2': ('jnp.sum(x ** 2)', SMOOTH + KINKS),
    'pow 3': ('jnp.sum(x ** 3)', SMOOTH + KINKS),
    'pow 7': ('jnp.sum(x ** 7)', SMOOTH + KINKS),
    'pow -1': ('jnp.sum(x ** -1)', SMOOTH),
    'pow -3': ('jnp.sum(x ** -3)', SMOOTH),
    'pow 70': ('jnp.sum(x ** 70)', SMOOTH + KINKS),
    'pow 1.5': ('jnp.sum(x ** 1.5)', POSITIVE),
    'pow 2.5 at 0': ('jnp.sum(x ** 2.5)', [[0.0, 1.0, 4.0]]),
    'pow 0.5 at 0': ('jnp.sum(x ** 0.5)', [[0.0, 1.0, 4.0]]),
    'pow of a negative base': ('jnp.sum(x ** 1.5)', [[-1.0, 1.0, -4.0]]),
    'power by the exponent': ('jnp.sum(jnp.power(jnp.array([2.0, 0.5, 3.0]), x))', SMOOTH + KINKS),
    'angle by both': ('jnp.sum(jnp.arctan2(jnp.sin(x), x + 0.25))', SMOOTH + KINKS),
    'power by both': ('jnp.sum(jnp.power(x, x))', POSITIVE),
    'power of 0 by the exponent': ('jnp.sum(jnp.power(jnp.zeros(3), x))', [[1.0, 2.0, 0.5]]),
    'where': ('jnp.sum(jnp.where(x > 0.5, jnp.sin(x), x * x))', SMOOTH + KINKS),
    'double where': (
        'jnp.sum(jnp.where(x > 0, jnp.where(x > 0, x, 1.0) * jnp.log(jnp.where(x > 0, x, 1.0)), 0.0))',
        SMOOTH + KINKS,
    ),
    'huber': ('jnp.sum(jnp.where(jnp.abs(x) < 1, 0.5 * x * x, jnp.abs(x) - 0.5))', SMOOTH + KINKS),
    'rows': (f'jnp.sum(jnp.sum({M} * x, axis=1) ** 2)', SMOOTH + KINKS),
    'columns': (f'jnp.sum(jnp.mean({M} * x[:, None], axis=0) ** 3)', None),
    'largest of rows': (f'jnp.sum(jnp.max({M} * x, axis=1) ** 2)', SMOOTH + KINKS),
    'smallest of columns': (f'jnp.sum(jnp.min({M} * x, axis=0) ** 2)', SMOOTH + KINKS),
    'dot': ('jnp.dot(x, jnp.sin(x))', SMOOTH + KINKS),
    'softmax': ('jnp.sum(jnp.exp(x - jnp.max(x)) / jnp.sum(jnp.exp(x - jnp.max(x))) * jnp.arange(3.0))', SMOOTH),
    'log-sum-exp': ('jnp.max(x) + jnp.log(jnp.sum(jnp.exp(x - jnp.max(x))))', SMOOTH + KINKS),
    'clipping by norm': ('jnp.sum(x * jnp.minimum(1.0, 1 / jnp.sqrt(jnp.sum(x * x))) * jnp.arange(1.0, 4.0))', SMOOTH),
    'standardised': ('jnp.sum(((x - jnp.mean(x)) / jnp.sqrt(jnp.mean((x - jnp.mean(x)) ** 2) + 1e-5)) ** 3)', SMOOTH),
    'bfloat16': ('jnp.sum(x.astype(jnp.bfloat16).astype(jnp.float64) ** 2)', [[1.0, -1.25, 2.0]]),
    'float32': ('jnp.sum(jnp.sin(x.astype(jnp.float32).astype(jnp.float64)))', [[1.0, -1.25, 2.0]]),
}

START = [1.5, -0.75, 0.25]

# name: (the optimizer out of the hyperparameters h; how many steps; the hyperparameters)
HYPER = {
    'sgd': ('optax.sgd(h)', 5, 0.125),
    'momentum': ('optax.sgd(h, momentum=0.9, nesterov=True)', 5, 0.03125),
    'adam': ('optax.adam(h)', 6, 0.125),
    'clipped adam with decay': (
        'optax.chain(optax.clip_by_global_norm(0.5), optax.scale_by_adam(), optax.add_decayed_weights(0.01), optax.scale(-h))',
        4,
        0.25,
    ),
    'rmsprop': ('optax.rmsprop(h, decay=0.5)', 4, 0.0625),
    'lion': ('optax.chain(optax.scale_by_lion(), optax.scale(-h))', 4, 0.0625),
    'a schedule of it': ('optax.chain(optax.trace(0.5), optax.scale_by_schedule(lambda t: -h / (1.0 + t)))', 4, 0.25),
}

LOSS = 'jnp.sum(jnp.array([1.0, 10.0, 0.5]) * x ** 2) + jnp.sum(jnp.sin(3 * x))'


def numbers(array):
    return [x if np.isfinite(x) else {np.inf: 'Infinity', -np.inf: '-Infinity'}.get(x, 'NaN') for x in np.asarray(array, np.float64).ravel().tolist()]


def function(expression):
    return eval(f'lambda x: {expression}', {'jnp': jnp, 'jsp': jsp})


def differentiated(name, expression, points):
    f = function(expression)
    v = jnp.array([1.0, -0.5, 2.0])
    rows = []
    for point in SMOOTH + KINKS if points is None else points:
        x = jnp.array(point)
        rows.append({
            'x': numbers(x),
            'value': numbers(f(x))[0],
            'gradient': numbers(jax.grad(f)(x)),
            'product': numbers(jax.jvp(jax.grad(f), (x,), (v,))[1]),
        })
    return {'name': name, 'expression': expression, 'v': numbers(v), 'points': rows}


def hyper(name, expression, steps, h):
    loss = function(LOSS)

    def after(h, x):
        optimizer = eval(expression, {'optax': optax, 'h': h})
        state = optimizer.init(x)
        for _ in range(steps):
            updates, state = optimizer.update(jax.grad(loss)(x), state, x)
            x = optax.apply_updates(x, updates)
        return loss(x)

    at = (jnp.float64(h), jnp.array(START))
    slope, start = jax.grad(after, argnums=(0, 1))(*at)
    return {
        'name': name,
        'expression': expression,
        'steps': steps,
        'h': h,
        'start': START,
        'value': numbers(after(*at))[0],
        'slope': numbers(slope)[0],
        'curvature': numbers(jax.grad(jax.grad(after))(*at))[0],
        'gradient': numbers(start),
    }


content = {
    'command': 'python tests/parity/generate_derivatives.py',
    'versions': {
        'python': platform.python_version(),
        'jax': jax.__version__,
        'optax': optax.__version__,
        'numpy': np.__version__,
    },
    'functions': [differentiated(name, *row) for name, row in FUNCTIONS.items()],
    'loss': LOSS,
    'hyper': [hyper(name, *row) for name, row in HYPER.items()],
}
path = Path(__file__).parent / 'data' / 'derivatives.json'
path.write_text(json.dumps(content, indent=1) + '\n')
