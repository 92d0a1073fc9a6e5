"""Writes golden.json: what the real jax.random gives. Run it with Python and JAX; the versions are in the file."""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update('jax_enable_x64', True)
jr = jax.random
SEEDS = [0, 1, 42, 2**31, 2**32 - 1, 2**32, 2**40 + 5, 2**53 - 1, -1, -(2**40), -(2**53) + 1]
SHAPES = [[], [0], [1], [5], [2, 3], [3, 0, 2], [17]]


def words(key):
  return [int(x) for x in np.asarray(jr.key_data(key))]


def flat(x):
  return np.asarray(x, np.float64).ravel().tolist()


def draws(key, shape):
  shape = tuple(shape)
  out = {'shape': list(shape), 'bits': [int(x) for x in np.asarray(jr.bits(key, shape, jnp.uint32)).ravel()]}
  for dtype in ('float32', 'float64'):
    out[dtype] = {
        'uniform': flat(jr.uniform(key, shape, dtype)),
        'between': flat(jr.uniform(key, shape, dtype, minval=-0.8, maxval=0.1)),
        'normal': flat(jr.normal(key, shape, dtype)),
        'gumbel': flat(jr.gumbel(key, shape, dtype)),
        'bernoulli': flat(jr.bernoulli(key, jnp.asarray(0.3, dtype), shape)),
    }
  return out


def moments(dtype):
  # The largest and the smallest of many reach the outer polynomials.
  x = np.asarray(jr.normal(jr.key(5), (100_003,), dtype), np.float64)
  picks = sorted(set(np.argsort(x)[[0, 1, 2, -3, -2, -1]].tolist()))
  return {'places': picks, 'values': x[picks].tolist()}


FORMS = [0.01, 0.1, 0.5, 0.9, 1.0, 1.5, 5.0, 30.0, 1000.0]


def formed(dtype, a):
  def of(draw, *forms):
    return flat(draw(jr.key(3), *(jnp.asarray(form, dtype) for form in forms), (12,), dtype))

  return {
      'dtype': dtype,
      'a': a,
      'gamma': of(jr.gamma, a),
      'loggamma': of(jr.loggamma, a),
      'betas': [{'b': b, 'beta': of(jr.beta, a, b)} for b in (0.01, 0.5, 4.0)],
  }


golden = {
    'jax': jax.__version__,
    'keys': [{'seed': seed, 'words': words(jr.key(seed))} for seed in SEEDS],
    'splits': [
        {'seed': seed, 'n': n, 'words': [words(k) for k in jr.split(jr.key(seed), n)]}
        for seed, n in ((0, 2), (7, 5), (-1, 1), (2**40 + 5, 3), (3, 0))
    ],
    'folds': [
        {'seed': seed, 'data': data, 'words': words(jr.fold_in(jr.key(seed), data))}
        for seed in (0, -1, 2**40 + 5)
        for data in (0, 1, 2**31, 2**32 - 1)
    ],
    'draws': [{'seed': seed, **draws(jr.key(seed), [6])} for seed in SEEDS]
    + [{'seed': 9, **draws(jr.key(9), shape)} for shape in SHAPES],
    # Seeds found by search: the first float32 of each is uniform(0, 1) = 0, 2^-23 and 1 - 2^-23.
    'extremes': [
        {'seed': seed, 'normal': flat(jr.normal(jr.key(seed), (), 'float32')), 'gumbel': flat(jr.gumbel(jr.key(seed), (), 'float32'))}
        for seed in (780233, 1854251, 20192286)
    ],
    'tails': {dtype: moments(dtype) for dtype in ('float32', 'float64')},
    'formed': [formed(dtype, a) for dtype in ('float32', 'float64') for a in FORMS],
    'permutations': [
        {'seed': seed, 'n': n, 'order': [int(x) for x in jr.permutation(jr.key(seed), n)]}
        for seed, n in ((0, 0), (0, 1), (0, 2), (0, 5), (1, 17), (-1, 40))
    ],
    # Long enough for a second round of sorting.
    'longPermutation': {'seed': 3, 'n': 5000, 'first': [int(x) for x in jr.permutation(jr.key(3), 5000)[:20]]},
}
path = pathlib.Path(__file__).with_name('golden.json')
path.write_text(json.dumps(golden) + '\n')
