#!/usr/bin/env bash
# jax-js 0.1.25, tree.map over two trees: leaves are paired in the order in which keys were inserted, and structures are not compared.
# Guess: as in JAX, keys of a dict are sorted and trees of another structure are refused.
# Seen (2026-11-29, Node 20): { a: 1, b: 10 } plus { b: 0.5, a: 0.25 } is { a: 1.5, b: 10.25 }; a surplus leaf of the second tree is dropped in silence.
# In Gradchain: matched by key; a missing or surplus key is refused with its path.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { numpy as np, tree } from '@jax-js/jax'

const plus = (a, b) => a.add(b)
const turned = tree.map(plus, { a: np.array(1), b: np.array(10) }, { b: np.array(0.5), a: np.array(0.25) })
const [a, b] = [turned.a.js(), turned.b.js()]
const surplus = tree.map(plus, { a: np.array(1) }, { a: np.array(0.25), c: np.array(7) }).a.js()
console.log(`@jax-js/jax 0.1.25: a ${a} (by key 1.25), b ${b} (by key 10.5); with a surplus leaf: ${surplus}, no error`)
if (!(a === 1.5 && b === 10.25 && surplus === 1.25)) {
  console.error('CHANGED: leaves are paired by key, or structures compared')
  process.exit(1)
}
JS
node run.mjs
