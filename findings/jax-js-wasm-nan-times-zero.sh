#!/usr/bin/env bash
# jax-js 0.1.25 on its wasm backend, NaN times 0 in arrays of two and more elements.
# Guess: NaN, as everywhere.
# Seen (2026-11-29, Node 20): 0, whether 0 stands in an array or is a number. A gradient that blew up is hidden behind a mask or a rate of 0.
# In Gradchain: outside of jit updates on arrays of jax-js are computed by our own kernels, in which NaN stays NaN.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { numpy as np } from '@jax-js/jax'

const [byArray] = np.array([NaN, 1]).mul(np.array([0, 0])).js()
const [byNumber] = np.array([NaN, 1]).mul(0).js()
console.log(`@jax-js/jax 0.1.25, wasm: NaN times 0 is ${byArray} with an array, ${byNumber} with a number (NaN)`)
if (!(byArray === 0 && byNumber === 0)) {
  console.error('CHANGED: NaN times 0 is NaN')
  process.exit(1)
}
JS
node run.mjs
