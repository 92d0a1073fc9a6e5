#!/usr/bin/env bash
# Optax 0.2.8, contrib.muon: a list of Newton-Schulz coefficients, one triple for each step, is checked the wrong way round. Three triples for five steps are
# taken, and three steps are made; six triples for five steps are refused as "Not enough coeffs".
# Guess: too few are refused, of too many the first (or last) five are used.
# Seen (2026-11-29, Python 3.11, jax 0.10.2): with 3 triples the update is that of ns_steps=3; with 6 a ValueError.
# In Gradchain: of a list that is too short the last triple is repeated, of one too long the rest is left out; the doc block says so.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet optax==0.2.8 jax==0.10.2 jaxlib==0.10.2
cat > run.py <<'PY'
import jax.numpy as jnp
import optax

triple = (3.4445, -4.775, 2.0315)
params = jnp.arange(12.0).reshape(3, 4) / 7


def update(coefficients, steps):
  tx = optax.contrib.muon(1.0, ns_coeffs=coefficients, ns_steps=steps)
  return tx.update(params, tx.init(params), params)[0]


short = update((triple,) * 3, 5)
three, five = update(triple, 3), update(triple, 5)
try:
  update((triple,) * 6, 5)
  long = 'accepted'
except ValueError as error:
  long = str(error)
is_three = bool(jnp.allclose(short, three)) and not bool(jnp.allclose(short, five))
print(f'optax {optax.__version__}: 3 triples for 5 steps make 3 steps: {is_three}; 6 triples for 5 steps: {long}')
if not (is_three and 'Not enough' in long):
  raise SystemExit('CHANGED: lists of coefficients are checked otherwise now')
PY
venv/bin/python run.py 2>/dev/null
