"""Writes golden.json: 1-bit Adam and PowerSGD by their papers, in numpy. Run it with Python, numpy and JAX; the versions are in the file."""

import json
import pathlib

import jax
import numpy as np

jax.config.update('jax_enable_x64', True)
SHAPES = {'a': (5,), 'b': (2, 3), 'c': (6, 7)}


def gradients(rng, ranks, steps):
  """Noise around a gradient that stays; `[step][rank][leaf]`."""
  still = {k: rng.normal(size=s) for k, s in SHAPES.items()}
  return [
      [{k: np.round(still[k] + rng.normal(size=s), 4) for k, s in SHAPES.items()} for _ in range(ranks)]
      for _ in range(steps)
  ]


def mean(trees):
  return {k: sum(t[k] for t in trees) / len(trees) for k in trees[0]}


def in_one_size(x):
  return np.abs(x).mean() * np.where(x >= 0, 1, -1)


def onebit_adam(all_gradients, warmup, b1, b2, eps):
  ranks = len(all_gradients[0])
  m = {k: np.zeros(s) for k, s in SHAPES.items()}
  v = {k: np.zeros(s) for k, s in SHAPES.items()}
  delta = [{k: np.zeros(s) for k, s in SHAPES.items()} for _ in range(ranks)]
  out = []
  for t, grads in enumerate(all_gradients, 1):
    if t <= warmup:
      g = mean(grads)
      m = {k: b1 * m[k] + (1 - b1) * g[k] for k in m}
      v = {k: b2 * v[k] + (1 - b2) * g[k] ** 2 for k in v}
    else:
      wanted = [{k: b1 * m[k] + (1 - b1) * grads[r][k] + delta[r][k] for k in m} for r in range(ranks)]
      sent = [{k: in_one_size(x) for k, x in w.items()} for w in wanted]
      delta = [{k: w[k] - s[k] for k in w} for w, s in zip(wanted, sent)]
      m = mean(sent)
    still = min(t, warmup)
    out.append({k: m[k] / (1 - b1**t) / (np.sqrt(v[k] / (1 - b2**still)) + eps) for k in m})
  return out, delta


def orthonormal(x):
  """By numpy's QR decomposition, with the signs of Gram and Schmidt."""
  q, r = np.linalg.qr(x)
  return q * np.sign(np.diag(r))


def power_sgd(all_gradients, rank):
  ranks = len(all_gradients[0])
  place = list(SHAPES).index('c')
  columns = SHAPES['c'][1]
  q = orthonormal(np.asarray(jax.random.normal(jax.random.fold_in(jax.random.key(0), place), (columns, rank), 'float64')))
  error = [np.zeros(SHAPES['c']) for _ in range(ranks)]
  out = []
  for grads in all_gradients:
    update = mean(grads)
    wanted = [g['c'] + e for g, e in zip(grads, error)]
    p = orthonormal(sum(w @ q for w in wanted) / ranks)
    r = sum(w.T @ p for w in wanted) / ranks
    update['c'] = p @ r.T
    error = [w - update['c'] for w in wanted]
    q = orthonormal(r)
    out.append(update)
  return out, [{'c': e} for e in error]


def plain(value):
  if isinstance(value, dict):
    return {k: plain(v) for k, v in value.items()}
  return [plain(v) for v in value] if isinstance(value, list) else np.ravel(value).tolist()


def main():
  rng = np.random.default_rng(7)
  onebit = gradients(rng, 3, 8)
  low_rank = gradients(rng, 2, 6)
  updates, residual = onebit_adam(onebit, warmup=3, b1=0.9, b2=0.99, eps=1e-8)
  means, errors = power_sgd(low_rank, rank=2)
  golden = {
      'versions': {'numpy': np.__version__, 'jax': jax.__version__},
      'shapes': {k: list(s) for k, s in SHAPES.items()},
      'onebitAdam': {'gradients': plain(onebit), 'updates': plain(updates), 'residual': plain(residual)},
      'powerSgd': {'gradients': plain(low_rank), 'updates': plain(means), 'residual': plain(errors)},
  }
  path = pathlib.Path(__file__).with_name('golden.json')
  path.write_text(json.dumps(golden, separators=(',', ':')) + '\n')


main()
