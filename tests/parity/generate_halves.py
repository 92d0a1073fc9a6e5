"""Writes what the real Optax does with params of 16 bits, as data for `halves.test.ts`.

    python tests/parity/generate_halves.py

The table CASES says what is generated. To cover something new, add a row here and a row of the same name in `halves.ts`.
Each row holds the Optax expression as text; in it, `half` is the dtype of the params. It is evaluated, and it is stored
beside the numbers, so what a reader of the data sees is what ran.

Params and gradients are exact in either dtype. Optax is run eagerly; JAX rounds every operation to the dtype.
"""

import json
import platform
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

COMMAND = 'python tests/parity/generate_halves.py'
FILE = Path(__file__).parent / 'data' / 'halves.json'
DTYPES = {'bfloat16': jnp.bfloat16, 'float16': jnp.float16}
STEPS = 12
SIZE = 8


@dataclass(frozen=True)
class Case:
    """One row: a transformation, run for STEPS steps."""

    name: str  # Optax's name, then a slash and the variant
    expression: str  # what makes the transformation


CASES = [
    Case('sgd', 'optax.sgd(0.0625)'),
    Case('sgd/momentum', 'optax.sgd(0.0625, momentum=0.9)'),
    Case('sgd/momentum_float32', 'optax.sgd(0.0625, momentum=0.9, accumulator_dtype=jnp.float32)'),
    Case('trace', 'optax.trace(0.75)'),
    Case('trace/nesterov', 'optax.trace(0.75, nesterov=True)'),
    Case('ema', 'optax.ema(0.75)'),
    Case('adam', 'optax.adam(0.0625)'),
    Case('adam/b2', 'optax.adam(0.0625, b1=0.75, b2=0.9)'),
    Case('adam/mu_float32', 'optax.adam(0.0625, mu_dtype=jnp.float32)'),
    Case('adamw', 'optax.adamw(0.0625, weight_decay=0.125)'),
    Case('nadam', 'optax.nadam(0.0625)'),
    Case('adamax', 'optax.adamax(0.0625)'),
    Case('rmsprop', 'optax.rmsprop(0.0625)'),
    Case('adagrad', 'optax.adagrad(0.0625)'),
    Case('clip_by_global_norm', 'optax.clip_by_global_norm(1.0)'),
]


def numbers():
    """Params, and gradients for each step: multiples of 1/16 up to 4, far enough from 0 for squares in float16."""
    random = np.random.default_rng(0)
    draw = lambda *shape: random.choice([-1.0, 1.0], shape) * random.integers(4, 65, shape) / 16
    return draw(SIZE), draw(STEPS, SIZE)


def run(expression, half, params, gradients):
    tx = eval(expression, {'optax': optax, 'jnp': jnp, 'half': half})
    params = jnp.asarray(params, half)
    state = tx.init(params)
    emitted = []
    for gradient in gradients:
        updates, state = tx.update(jnp.asarray(gradient, half), state, params)
        params = optax.apply_updates(params, updates)
        emitted.append([float(x) for x in updates])
    return emitted


def main():
    params, gradients = numbers()
    content = {
        'command': COMMAND,
        'versions': {
            'optax': optax.__version__,
            'jax': jax.__version__,
            'jaxlib': jax.lib.__version__,
            'numpy': np.__version__,
            'python': platform.python_version(),
        },
        'params': params.tolist(),
        'gradients': gradients.tolist(),
        'cases': [
            {
                'name': case.name,
                'expression': case.expression,
                **{dtype: run(case.expression, half, params, gradients) for dtype, half in DTYPES.items()},
            }
            for case in CASES
        ],
    }
    FILE.write_text(json.dumps(content).replace(']], ', ']],\n ').replace('}, {', '},\n{') + '\n')


if __name__ == '__main__':
    main()
