#!/usr/bin/env bash
# @jax-js/jax 0.1.25, wasm backend: np.linalg.svd and np.linalg.eigh stop too early where the elements are small, and say nothing. At 1e-4 svd gives the
# norms of the columns for singular values; at 1e-6 eigh gives the diagonal for eigenvalues. The sizes are those of ordinary gradients.
# Guess: a decomposition scales with its matrix.
# Seen (2026-11-29, Node 20), for [[2,1,0],[1,3,1],[0,1,4]]·s with the eigenvalues 1.268, 3, 4.732 (times s): svd/s 4.732 3 1.268 at s = 1 and
# 4.123 3.317 2.236 at 1e-4, where UᵀU differs from I by 0.67; eigh/s right at 1e-4, and 2 3 4 at 1e-6.
# In Gradchain: decompositions scale their matrix first; nothing of ours is built on these two.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { defaultDevice, init, numpy as np } from '@jax-js/jax'

await init('wasm')
defaultDevice('wasm')
const scaled = (s) => np.array([2, 1, 0, 1, 3, 1, 0, 1, 4].map((x) => x * s)).reshape([3, 3])
const largestSingular = (s) => np.linalg.svd(scaled(s), { fullMatrices: false })[1].js()[0] / s
const largestEigen = (s) => Math.max(...np.linalg.eigh(scaled(s))[0].js()) / s

const seen = { svd: [1, 1e-4].map(largestSingular), eigh: [1, 1e-4, 1e-6].map(largestEigen) }
console.log(`@jax-js/jax 0.1.25, largest over scale, right is 4.732: svd at 1, 1e-4: ${seen.svd}; eigh at 1, 1e-4, 1e-6: ${seen.eigh}`)
const near = (x, y) => Math.abs(x - y) < 1e-3
const same = near(seen.svd[0], 4.732) && near(seen.svd[1], 4.123) && near(seen.eigh[1], 4.732) && near(seen.eigh[2], 4)
if (!same) {
  console.log('CHANGED: small matrices are decomposed otherwise now')
  process.exit(1)
}
JS
node run.mjs
