// Matrix factorisation learns how users rate items. A batch is about few of them, and so are its gradient and its step.
import { adamw, cosineDecaySchedule, labelByPath, lazyRows, partition, random, sparseAdam, transient } from 'gradchain'
import { predictByMeans } from './means.js'
import { errorOf, gradients, initialParams, predict } from './model.js'
import { makeRatings, NOISE, pick } from './ratings.js'

const DRAWS = 40_000
const EPOCHS = 8
const BATCH = 256

const key = { ratings: random.key(0), split: random.key(1), params: random.key(2), batches: random.key(3) }
const ratings = makeRatings(key.ratings, DRAWS)
const dealt = random.permutation(key.split, ratings.values.length)
// One of ten is held out.
const held = Math.floor(dealt.length / 10)
const [heldOut, learned] = [pick(ratings, dealt.subarray(0, held)), pick(ratings, dealt.subarray(held))]
console.log(`${learned.values.length} ratings to learn from, ${heldOut.values.length} held out`)

const batches = Math.floor(learned.values.length / BATCH)
const rate = cosineDecaySchedule({ initValue: 0.02, decaySteps: EPOCHS * batches })
// Factors of those with few ratings would fit them by heart: they decay, in the steps in which they are used.
const optimizer = partition(
  { factors: lazyRows(adamw(rate, { weightDecay: 0.2 })), others: sparseAdam(rate) },
  labelByPath({ '**.factors': 'factors' }, { otherwise: 'others' })
)

const run = transient(optimizer, initialParams(key.params))
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const order = random.permutation(random.foldIn(key.batches, epoch), learned.values.length)
  let sum = 0
  for (let batch = 0; batch < batches; batch++) {
    const { loss, grads } = gradients(run.params, pick(learned, order.subarray(batch * BATCH, (batch + 1) * BATCH)))
    run.step(grads)
    sum += loss
  }
  console.log(`epoch ${epoch}: error ${Math.sqrt(sum / batches).toFixed(4)}`)
}

const error = errorOf(predict(run.params, heldOut), heldOut)
const ofMeans = errorOf(predictByMeans(learned, heldOut), heldOut)
console.log(`error ${error.toFixed(3)} (means alone ${ofMeans.toFixed(3)}, chance ${NOISE})`)
