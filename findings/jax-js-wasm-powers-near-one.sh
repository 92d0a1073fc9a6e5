#!/usr/bin/env bash
# jax-js 0.1.25 on its wasm backend, np.power of a decay rate: it goes by a logarithm that is inexact just below 1.
# Guess: 1 - 0.999 ** 1 is 0.001 to some ulp of float32, as on its cpu backend and in JAX.
# Seen (2026-11-29, Node 20): 0.00101227, and 0.00011247 for 0.9999: a bias correction of Adam written so is 1.2 % and 12.5 % off in the first step.
# In Gradchain: bias corrections on arrays of jax-js are computed on the host in float64, inside jit as well.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { numpy as np } from '@jax-js/jax'

const [a, b] = np.subtract(1, np.power(np.array([0.999, 0.9999]), 1)).js()
console.log(`@jax-js/jax 0.1.25, wasm: 1 - 0.999 ** 1 is ${a} (0.001), 1 - 0.9999 ** 1 is ${b} (0.0001)`)
if (!(Math.abs(a / 0.001 - 1) > 0.01 && Math.abs(b / 0.0001 - 1) > 0.1)) {
  console.error('CHANGED: powers near one are exact')
  process.exit(1)
}
JS
node run.mjs
