#!/usr/bin/env bash
# Optax 0.2.8, projections: the projection of the origin onto a sphere is no point of the sphere. projection_l1_sphere gives the origin itself, whose
# norm is 0 and not 1, without a word; projection_l2_sphere gives NaN.
# Guess: some point of the sphere, all being as near, or an error; and the same from both.
# Seen (2026-11-29, Python 3.11, jax 0.10.2): [0, 0, 0] and [nan, nan, nan].
# In Gradchain: both give a point of the sphere; docs/parity.md lists it as a deviation.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet optax==0.2.8 jax==0.10.2 jaxlib==0.10.2
cat > run.py <<'PY'
import jax.numpy as jnp
import optax

centre = jnp.zeros(3)
taxicab = optax.projections.projection_l1_sphere(centre)
euclidean = optax.projections.projection_l2_sphere(centre)
print(f'optax {optax.__version__}: of norm 1 should be {taxicab} and {euclidean}')
if float(jnp.abs(taxicab).sum()) != 0 or not bool(jnp.isnan(euclidean).all()):
  raise SystemExit('CHANGED: the centre is projected onto the sphere, or refused')
PY
venv/bin/python run.py 2>/dev/null
