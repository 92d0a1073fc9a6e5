// A network in jax-js learns to read handwritten digits: the gradient and a step of a chain of ours are one jitted function.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { applyUpdates, type JaxState, jaxjs } from '@gradchain/jax-js'
import { defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from '@jax-js/jax'
import { adamw, chain, clipByGlobalNorm, warmupCosineDecaySchedule } from 'gradchain'
import { CLASSES, PIXELS, parseDigits } from '../../digits/src/data.js'

const EPOCHS = 12
const BATCH = 32
const HIDDEN = 64

type Params = { hidden: { w: np.Array; b: np.Array }; out: { w: np.Array; b: np.Array } }

// `init()` alone asks for `navigator`, which Node 20 does not have.
await init('wasm')
defaultDevice('wasm')

const data = readFileSync(new URL('../../digits/data/digits.csv.gz', import.meta.url))
const digits = parseDigits(gunzipSync(data).toString('utf8'))
// Every fifth digit is held out.
const [learned, heldOut] = [digits.filter((_, i) => i % 5 !== 0), digits.filter((_, i) => i % 5 === 0)]

const pixelsOf = (some: typeof digits): np.Array =>
  np.array(Float32Array.from(some.flatMap(({ pixels }) => pixels)), { shape: [some.length, PIXELS] })
const labelsOf = (some: typeof digits): np.Array =>
  np.array(
    Float32Array.from(some.flatMap(({ label }) => Array.from({ length: CLASSES }, (_, i) => Number(i === label)))),
    {
      shape: [some.length, CLASSES]
    }
  )

const logitsOf = ({ hidden, out }: Params, x: np.Array): np.Array =>
  np.dot(nn.relu(np.dot(x, hidden.w).add(hidden.b)), out.w).add(out.b)

const lossOf = (params: Params, x: np.Array, y: np.Array): np.Array =>
  nn.logSoftmax(logitsOf(params, x)).mul(y).sum(1).mean().neg()

const layer = (seed: number, inputs: number, units: number): { w: np.Array; b: np.Array } => {
  const limit = Math.sqrt(6 / (inputs + units))
  const w = random.uniform(random.key(seed), [inputs, units], { minval: -limit, maxval: limit })
  return { w, b: np.zeros([units]) }
}

const batches = Math.floor(learned.length / BATCH)
const rate = warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.01, warmupSteps: 40, decaySteps: EPOCHS * batches })
const optimizer = jaxjs(chain(clipByGlobalNorm(1), adamw(rate, { weightDecay: 0.01 })))

const train = jit((params: Params, state: JaxState, x: np.Array, y: np.Array): [np.Array, Params, JaxState] => {
  const [loss, grads] = valueAndGrad(lossOf)(tree.ref(params), x, y)
  const [updates, next] = optimizer.update(grads as Params, state, tree.ref(params))
  return [loss, applyUpdates(params, updates), next]
})

let params: Params = { hidden: layer(1, PIXELS, HIDDEN), out: layer(2, HIDDEN, CLASSES) }
let state = optimizer.init(tree.ref(params))
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  let sum = 0
  for (let batch = 0; batch < batches; batch++) {
    // Every so many digits, from another one in each epoch.
    const chosen = Array.from({ length: BATCH }, (_, i) => learned[(batch + i * batches + epoch) % learned.length])
    const some = chosen as typeof learned
    let loss: np.Array
    ;[loss, params, state] = train(params, state, pixelsOf(some), labelsOf(some))
    sum += loss.item()
  }
  console.log(`epoch ${epoch}: loss ${(sum / batches).toFixed(4)}`)
}

const read: number[] = np.argmax(logitsOf(params, pixelsOf(heldOut)), 1).js()
const right = heldOut.filter(({ label }, i) => read[i] === label).length
console.log(`accuracy ${(right / heldOut.length).toFixed(3)}`)
