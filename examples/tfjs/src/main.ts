// A tf.LayersModel learns to read handwritten digits; the optimizer is a chain of ours.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { toTfjsOptimizer } from '@gradchain/tfjs'
import * as tf from '@tensorflow/tfjs'
import { adamw, chain, clipByGlobalNorm, warmupCosineDecaySchedule } from 'gradchain'
import { CLASSES, PIXELS, parseDigits } from '../../digits/src/data.js'

const EPOCHS = 12
const BATCH = 32

const data = readFileSync(new URL('../../digits/data/digits.csv.gz', import.meta.url))
const digits = parseDigits(gunzipSync(data).toString('utf8'))
// Every fifth digit is held out.
const [learned, heldOut] = [digits.filter((_, i) => i % 5 !== 0), digits.filter((_, i) => i % 5 === 0)]

await tf.setBackend('cpu')
const tensorsOf = (some: typeof digits) => ({
  x: tf.tensor2d(
    some.flatMap(({ pixels }) => pixels),
    [some.length, PIXELS]
  ),
  y: tf.oneHot(
    some.map(({ label }) => label),
    CLASSES
  )
})

const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 })
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 64, activation: 'relu', inputShape: [PIXELS], kernelInitializer }),
    tf.layers.dense({ units: CLASSES, activation: 'softmax', kernelInitializer })
  ]
})

const steps = EPOCHS * Math.ceil(learned.length / BATCH)
const rate = warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.01, warmupSteps: 40, decaySteps: steps })
model.compile({
  optimizer: toTfjsOptimizer(chain(clipByGlobalNorm(1), adamw(rate, { weightDecay: 0.01 }))),
  loss: 'categoricalCrossentropy',
  metrics: ['accuracy']
})

const { x, y } = tensorsOf(learned)
await model.fit(x, y, {
  epochs: EPOCHS,
  batchSize: BATCH,
  verbose: 0,
  callbacks: {
    onEpochEnd: (epoch, logs) => console.log(`epoch ${epoch + 1}: loss ${logs?.['loss']?.toFixed(4)}`)
  }
})

const test = tensorsOf(heldOut)
const [, accuracy] = model.evaluate(test.x, test.y) as tf.Scalar[]
console.log(`accuracy ${accuracy?.dataSync()[0]?.toFixed(3)}`)
