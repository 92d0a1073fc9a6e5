#!/usr/bin/env bash
# TensorFlow.js 4.22: optimizers find a variable's moments by its place in the call, although gradients are given by name.
# Guess: applyGradients([{ name, tensor }]) means the same in any order.
# Seen (2026-11-29, Node 20, CPU backend): momentum 0.9, rate 1; gradients a 1 and b 100, then 0 for both. In the same order a is at -1.9; with b named
# first in the second call a is at -91: it was moved by the momentum of b. So a layer that is unfrozen later changes the moments of the others.
# In Gradchain: gradients and states are trees, matched by key whatever the order of the keys.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0
cat > run.cjs <<'JS'
const tf = require('@tensorflow/tfjs')

let made = 0
const endOfA = (isTurned) => {
  made += 1
  const [a, b] = ['a', 'b'].map((name) => tf.variable(tf.tensor1d([0]), true, `${name}${made}`))
  const gradient = (variable, value) => ({ name: variable.name, tensor: tf.tensor1d([value]) })
  const optimizer = tf.train.momentum(1, 0.9)
  optimizer.applyGradients([gradient(a, 1), gradient(b, 100)])
  const second = [gradient(a, 0), gradient(b, 0)]
  optimizer.applyGradients(isTurned ? second.reverse() : second)
  return a.dataSync()[0]
}
const main = async () => {
  await tf.setBackend('cpu')
  const [same, turned] = [endOfA(false), endOfA(true)]
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: a ends at ${same.toFixed(4)} in one order, at ${turned.toFixed(4)} in the other`)
  if (!(Math.abs(same + 1.9) < 1e-5 && Math.abs(turned + 91) < 1e-4)) {
    console.error('CHANGED: moments are found by name')
    process.exit(1)
  }
}
main()
JS
node run.cjs 2>/dev/null
