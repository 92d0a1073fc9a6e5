#!/usr/bin/env bash
# ml-matrix 6.15.0, EigenvalueDecomposition: a symmetric matrix whose rounding made one pair of elements differ in their last bit is
# taken for an unsymmetric one, without a word. Where eigenvalues are repeated, the eigenvectors are then not orthogonal.
# Guess: one ulp changes eigenvectors by some ulps, or a tolerance decides what is symmetric.
# Seen (2026-11-29, Node 20): VᵀV differs from I by 7e-16 before, by 0.23 after; the eigenvalues are no longer in order.
# In Gradchain: `eigh` of @gradchain/matrix decomposes the symmetric part, whatever the rounding.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ml-matrix@6.15.0
cat > run.mjs <<'JS'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

const n = 6
const exact = new Matrix(n, n)
for (let i = 0; i < n; i++) {
  for (let j = 0; j < n; j++) exact.set(i, j, i % 3 !== j % 3 ? 0.5 : i === j ? 3 : 2)
}
const rounded = exact.clone()
rounded.set(0, 1, 0.5 + 2 ** -53)

const defectOf = (matrix) => {
  const { eigenvectorMatrix: v } = new EigenvalueDecomposition(matrix)
  return Math.max(...v.transpose().mmul(v).sub(Matrix.eye(n)).to1DArray().map(Math.abs))
}
const [before, after] = [defectOf(exact), defectOf(rounded)]
console.log(`ml-matrix 6.15.0: |VᵀV − I| is ${before.toExponential(1)} when symmetric, ${after.toExponential(1)} one ulp from it`)
if (!(before < 1e-14 && after > 0.1)) {
  console.log('CHANGED: eigenvectors one ulp from symmetry are orthogonal now, or those of the symmetric matrix are not')
  process.exit(1)
}
JS
node run.mjs
