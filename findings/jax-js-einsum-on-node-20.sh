#!/usr/bin/env bash
# @jax-js/jax 0.1.25: numpy.einsum, and nn.dotProductAttention with it, raise a TypeError on Node 20: they map over an iterator, which Node can from 22 on.
# Guess: a package whose table of platforms has Node, and that asks for no version of it, runs on 20 as on 22; matmul, grad and jit do.
# Seen (2026-11-30, Node 20.19): matmul of 2 × 3 and 3 × 2 works; einsum('ij,jk->ik') of the same arrays raises "….matchAll(...).map is not a function".
# In Gradchain: the example of a Transformer writes its attention with matmul and so runs on Node 20.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @jax-js/jax@0.1.25 node@20.19.0
cat > run.mjs <<'JS'
import { defaultDevice, init, numpy as np } from '@jax-js/jax'

await init('wasm')
defaultDevice('wasm')
const a = () => np.array([1, 2, 3, 4, 5, 6]).reshape([2, 3])
const b = () => np.array([1, 0, 0, 1, 1, 1]).reshape([3, 2])
const product = JSON.stringify(np.matmul(a(), b()).js())
let seen = 'no error'
try {
  seen = JSON.stringify(np.einsum('ij,jk->ik', a(), b()).js())
} catch (error) {
  seen = `${error.name}: ${error.message}`
}
console.log(`@jax-js/jax 0.1.25, Node ${process.version}: matmul ${product}; einsum ${seen}`)
if (!/^TypeError: .*map is not a function/.test(seen)) {
  console.log('CHANGED: einsum runs on Node 20')
  process.exit(1)
}
JS
node_modules/.bin/node run.mjs
