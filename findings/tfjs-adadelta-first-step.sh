#!/usr/bin/env bash
# TensorFlow.js 4.22, tf.train.adadelta: the first step is one of plain gradient descent, 1400 times as long as Adadelta's.
# Guess: accumulator, then update by its new value, as in the paper, Keras, PyTorch and Optax: 0.0014 from a gradient of 2 at rate 1, rho 0.95, epsilon 1e-7.
# Seen (2026-11-29, Node 20, CPU backend): the weight moves by 2, the gradient itself: the update divides by the accumulator of the step before, which is 0.
# In Gradchain: scaleByAdadelta follows the paper; its trajectories are those of Optax and PyTorch.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0
cat > run.cjs <<'JS'
const tf = require('@tensorflow/tfjs')

const main = async () => {
  await tf.setBackend('cpu')
  const rho = 0.95
  const epsilon = 1e-7
  const weight = tf.variable(tf.tensor1d([1]))
  tf.train.adadelta(1, rho, epsilon).applyGradients([{ name: weight.name, tensor: tf.tensor1d([2]) }])
  const moved = weight.dataSync()[0] - 1
  const paper = (-2 * Math.sqrt(epsilon)) / Math.sqrt((1 - rho) * 4 + epsilon)
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: moved by ${moved.toFixed(5)}; the paper's rule moves by ${paper.toFixed(5)}`)
  if (Math.abs(moved + 2) > 1e-5) {
    console.error('CHANGED: the first step is no longer the gradient')
    process.exit(1)
  }
}
main()
JS
node run.cjs 2>/dev/null
