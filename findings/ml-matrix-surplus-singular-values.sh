#!/usr/bin/env bash
# ml-matrix 6.15.0, SingularValueDecomposition: a matrix that is wider than tall gets more singular values than it has rows, and U has a column
# too many; a 2 × 3 matrix has 3. QrDecomposition of the same matrix gives an R, and throws a TypeError when asked for Q.
# Guess: min(m, n) singular values, a 2 × 2 Q; a warning on the console at the most. (`autoTranspose: true` mends the first, not the second.)
# Seen (2026-11-29, Node 20): 3 singular values, the last 0; "Cannot set properties of undefined".
# In Gradchain: `svd` and `qr` of @gradchain/matrix take matrices of any form.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ml-matrix@6.15.0
cat > run.mjs <<'JS'
import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix'

const wide = new Matrix([
  [1, 2, 3],
  [4, 5, 6]
])
console.warn = () => {}
const { diagonal } = new SingularValueDecomposition(wide)
let q = 'a matrix'
try {
  q = `${new QrDecomposition(wide).orthogonalMatrix.rows} rows`
} catch (error) {
  q = error.constructor.name
}
console.log(`ml-matrix 6.15.0: a 2 × 3 matrix has ${diagonal.length} singular values; its Q is ${q}`)
if (diagonal.length !== 3 || q !== 'TypeError') {
  console.log('CHANGED: wide matrices are decomposed otherwise now')
  process.exit(1)
}
JS
node run.mjs
