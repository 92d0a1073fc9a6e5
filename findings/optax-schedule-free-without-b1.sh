#!/usr/bin/env bash
# Optax 0.2.8, contrib.schedule_free: with b1 = 0 the params are NaN from the first step on.
# Guess: b1 = 0 is Polyak-Ruppert averaging, as the doc string of the paper's interpolation has it: gradients are taken at z.
# Seen (2026-11-29, Python 3.11, jax 0.10.2): params and schedule_free_eval_params are NaN after one step of sgd(0.1) at gradient 1; z is 0.9, right.
# The averaged params are found from y and z by a division by b1.
# In Gradchain: the state holds what b1 = 0 needs, and a test runs it.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet optax==0.2.8 jax==0.10.2 jaxlib==0.10.2
cat > run.py <<'PY'
import jax.numpy as jnp
import optax


def first(b1):
  params = jnp.ones(2)
  tx = optax.contrib.schedule_free(optax.sgd(0.1), learning_rate=0.1, b1=b1)
  updates, state = tx.update(jnp.ones(2), tx.init(params), params)
  params = optax.apply_updates(params, updates)
  return float(params[0]), float(optax.contrib.schedule_free_eval_params(state, params)[0]), float(state.z[0])


usual, none = first(0.9), first(0.0)
print(f'optax {optax.__version__}: params, averaged params, z after one step: {usual} with b1 0.9, {none} with b1 0')
if not (none[0] != none[0] and none[1] != none[1] and abs(none[2] - 0.9) < 1e-6):
  raise SystemExit('CHANGED: b1 = 0 works, or is refused')
PY
venv/bin/python run.py 2>/dev/null
