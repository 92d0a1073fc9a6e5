// A small Transformer learns to sort: it is shown some digits, and says them in order, one after the other.
import { applyUpdates, type JaxState, jaxjs } from '@gradchain/jax-js'
import { defaultDevice, init, jit, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { adamw, byPath, chain, clipByGlobalNorm, random, warmupCosineDecaySchedule } from 'gradchain'
import { answered } from './answered.js'
import { answerScores, countOf, crossEntropy, initialParams, type Params } from './model.js'
import { drawDigits, LENGTH, shareRight, shown, sorted } from './task.js'

const STEPS = 300
const BATCH = 32
const HELD_OUT = 256

// `init()` alone asks for `navigator`, which Node 20 does not have.
await init('wasm')
defaultDevice('wasm')

const rate = warmupCosineDecaySchedule({
  initValue: 0,
  peakValue: 5e-3, // a model of this size takes ten times what a large one does
  warmupSteps: 30,
  decaySteps: STEPS,
  endValue: 5e-4
})
// Matrices decay; embeddings and biases do not.
const decayed = adamw(rate, { weightDecay: 0.01, mask: byPath('blocks.**.w') })
const optimizer = jaxjs(chain(clipByGlobalNorm(1), decayed))

const train = jit((params: Params, state: JaxState, x: np.Array, y: np.Array): [np.Array, Params, JaxState] => {
  const [loss, grads] = valueAndGrad(crossEntropy)(tree.ref(params), x, y)
  const [updates, next] = optimizer.update(grads as Params, state, tree.ref(params))
  return [loss, applyUpdates(params, updates), next]
})

const toJax = (tokens: Int32Array, length: number): np.Array =>
  np.array(tokens, { shape: [tokens.length / length, length], dtype: np.int32 })

let params = initialParams(1)
let state = optimizer.init(tree.ref(params))
console.log(`${countOf(params)} params`)

const [forBatches, forTest] = random.split(random.key(0))
let sum = 0
for (let step = 1; step <= STEPS; step++) {
  const digits = drawDigits(random.foldIn(forBatches, step), BATCH)
  const answers = sorted(digits)
  let loss: np.Array
  ;[loss, params, state] = train(params, state, toJax(shown(digits, answers), 2 * LENGTH), toJax(answers, LENGTH))
  sum += loss.item()
  if (step % 50 === 0) {
    console.log(`step ${step}: loss ${(sum / 50).toFixed(4)}`)
    sum = 0
  }
}

const likeliest = jit((params: Params, x: np.Array) => np.argmax(answerScores(params, x), 2))
const digits = drawDigits(forTest, HELD_OUT)
const said = answered(digits, (tokens) => {
  const next: number[][] = likeliest(tree.ref(params), toJax(tokens, 2 * LENGTH)).js()
  return Int32Array.from(next.flat())
})
// A list counts when each of its digits is in its place.
console.log(`accuracy ${shareRight(digits, said).toFixed(3)}`)
