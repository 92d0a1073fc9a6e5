#!/usr/bin/env bash
# TensorFlow.js 4.22, tf.train.rmsprop with centered: epsilon is subtracted under the root, so small gradients make the weights NaN.
# Guess: sqrt(mean of squares - mean squared + epsilon), as in Keras and Optax, where epsilon is what saves small gradients.
# Seen (2026-11-29, Node 20, CPU backend): one step with a gradient of 1e-4 at the default epsilon gives NaN; with 1 it gives a number.
# In Gradchain: scaleByStddev adds eps under the root, as Optax's does.
set -euo pipefail
cd "$(mktemp -d)"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0
cat > run.cjs <<'JS'
const tf = require('@tensorflow/tfjs')

const after = (gradient) => {
  const weight = tf.variable(tf.tensor1d([1]))
  tf.train.rmsprop(0.01, 0.9, 0, 1e-7, true).applyGradients([{ name: weight.name, tensor: tf.tensor1d([gradient]) }])
  return weight.dataSync()[0]
}
const main = async () => {
  await tf.setBackend('cpu')
  const [large, small] = [after(1), after(1e-4)]
  console.log(`@tensorflow/tfjs ${tf.version.tfjs}: 1 becomes ${large} with a gradient of 1, ${small} with one of 1e-4`)
  if (!(Number.isFinite(large) && Number.isNaN(small))) {
    console.error('CHANGED: small gradients are survived')
    process.exit(1)
  }
}
main()
JS
node run.cjs 2>/dev/null
