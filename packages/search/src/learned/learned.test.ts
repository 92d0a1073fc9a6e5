import {
  add,
  type GradientTransformation,
  grad,
  type Key,
  log,
  matmul,
  mean,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  random,
  read,
  square,
  step,
  sum,
  type Tree,
  valueAndGrad
} from '@gradchain/core'
import { exp } from '@gradchain/core/numbers'
import { adam } from '@gradchain/optimizers'
import { expect, test } from 'vitest'
import { learnedOptimizer } from './learnedOptimizer.js'
import { learnedWeights } from './learnedWeights.js'
import { type LearningTask, metaTrain } from './metaTrain.js'

const SIDE_BY_SIDE = 12
const LENGTH = 4
const STEPS = 6

interface Bowls extends Omit<LearningTask, 'params'> {
  readonly params: { readonly x: NdArray<'float64'> }
}

/** Bowls whose curvatures differ by up to a hundred, as many side by side as there are rows. */
const family = (key: Key): Bowls => {
  const [forScales, forStart] = random.split(key)
  const size = [SIDE_BY_SIDE, LENGTH]
  const uniform = random.uniform(forScales, [SIDE_BY_SIDE * LENGTH], { dtype: 'float64', minval: -2.3, maxval: 2.3 })
  const scales = ndarray(uniform.data.map(exp), size)
  const ones = ndarray(new Float64Array(LENGTH).fill(1), [LENGTH, 1])
  const bowls = (params: Tree): Operand => mul(scales, square((params as { readonly x: Operand }).x))
  return {
    params: { x: random.normal(forStart, size, { dtype: 'float64' }) },
    loss: (params) => sum(bowls(params)),
    score: (params) => mean(log(matmul(bowls(params), ones)))
  }
}

/** What an optimizer comes to in a few steps on problems with these keys: the mean logarithm of the losses. */
const scoreOf = (tx: GradientTransformation<unknown>, keys: readonly number[]): number => {
  const scores = keys.map((seed) => {
    const { params: start, loss, score } = family(random.key(seed))
    let params = start
    let state = tx.init(params)
    for (let t = 0; t < STEPS; t++) [params, state] = step(tx, grad(loss)(params), state, params)
    return read(score?.(params) ?? NaN)
  })
  return scores.reduce((a, b) => a + b, 0) / scores.length
}

const [TRAINING, HELD_OUT] = [
  [0, 1],
  [1000, 1001]
]

test('trained on a family of problems, it beats Adam with the best of its settings on others of the family', () => {
  const tuned: { tx: GradientTransformation<unknown>; score: number }[] = []
  for (const b1 of [0.5, 0.8, 0.9]) {
    for (const b2 of [0.9, 0.999]) {
      for (const rate of [0.2, 0.3, 0.4, 0.5, 0.7]) {
        const tx = adam(rate, { b1, b2 }) as GradientTransformation<unknown>
        tuned.push({ tx, score: scoreOf(tx, TRAINING) })
      }
    }
  }
  const best = tuned.reduce((a, b) => (b.score < a.score ? b : a))
  const first = learnedWeights(random.key(0), { learningRate: 0.4, hidden: 2 })
  const { weights, scores } = metaTrain(family, {
    weights: first,
    key: 5,
    unroll: STEPS,
    steps: 32,
    optimizer: adam(0.03) as GradientTransformation<unknown>
  })
  expect(scores).toHaveLength(32)
  const learned = scoreOf(learnedOptimizer({ weights }) as GradientTransformation<unknown>, HELD_OUT)
  // A fifth of the loss that Adam comes to, at most.
  expect(learned).toBeLessThan(scoreOf(best.tx, HELD_OUT) - 1.6)
})

const weights = learnedWeights(random.key(3), { learningRate: 0.1, hidden: 2 })

test('is Adam nearly before it was trained', () => {
  const tx = learnedOptimizer({ weights, eps: 0 })
  const same = adam(0.1, { b2: 0.99, eps: 0 })
  let [a, b] = [{ w: new Float64Array([1, -2]) }, { w: new Float64Array([1, -2]) }]
  let [s, t] = [tx.init(a), same.init(b)]
  for (const g of [1, -3, 0.5, 2]) {
    ;[a, s] = step(tx, { w: new Float64Array([g, 2]) }, s, a)
    ;[b, t] = step(same, { w: new Float64Array([g, 2]) }, t, b)
  }
  a.w.forEach((x, i) => expect(x).toBeCloseTo(b.w[i] as number, 12))
})

/** Weights all of which matter. */
const any = {
  hidden: weights.hidden,
  output: weights.output.map((row, i) => row.map((_, j) => 0.3 - 0.1 * i + 0.05 * j)),
  direct: weights.direct.map((row, i) => row.map((w, j) => w + 0.01 * i + 0.02 * j))
}

test('agrees with its definition', () => {
  const tx = learnedOptimizer({ weights: any, eps: 0.5 })
  let state = tx.init({ w: 0 })
  const decays = [0.5, 0.9, 0.99]
  const m = [0, 0, 0]
  let v = 0
  ;[2, -1, 0.25].forEach((g, i) => {
    const t = i + 1
    decays.forEach((decay, k) => {
      m[k] = decay * (m[k] as number) + (1 - decay) * g
    })
    v = 0.99 * v + 0.01 * g * g
    const s = Math.sqrt(v / (1 - 0.99 ** t)) + 0.5
    const z = [
      g / s,
      ...decays.map((decay, k) => (m[k] as number) / (1 - decay ** t) / s),
      t / (t + 3),
      t / (t + 30),
      1
    ]
    const by = (row: readonly Operand[], inputs: readonly number[]) =>
      inputs.reduce((sum, x, j) => sum + x * (row[j] as number), 0)
    const h = [...any.hidden.map((row) => Math.tanh(by(row, z))), 1]
    const [d, a] = [0, 1].map((k) => by(any.output[k] ?? [], h) + by(any.direct[k] ?? [], z)) as [number, number]
    const [u, next] = tx.update({ w: g }, state, { w: 0 })
    state = next
    expect(u.w).toBeCloseTo(-d * Math.exp(a), 12)
  })
})

test('is blind to the scale of the gradient without eps', () => {
  const tx = learnedOptimizer({ weights: any, eps: 0 })
  const moved = (scale: number) => {
    let state = tx.init({ w: 0 })
    return [1, -0.5, 2].map((g) => {
      const [u, next] = tx.update({ w: scale * g }, state, { w: 0 })
      state = next
      return u.w
    })
  }
  moved(1024).forEach((u, i) => expect(u).toBe(moved(1)[i]))
})

test('its derivative by the weights is that of finite differences', () => {
  const end = (b: Operand): Operand => {
    const own = { ...any, direct: [any.direct[0] ?? [], [...(any.direct[1] ?? []).slice(0, -1), b]] }
    const tx = learnedOptimizer({ weights: own })
    const [first, state] = tx.update({ w: new Float64Array([1, -3]) }, tx.init({ w: new Float64Array(2) }), {
      w: new Float64Array(2)
    })
    const [second] = tx.update({ w: new Float64Array([0.5, 1]) }, state, { w: new Float64Array(2) })
    return add(sum(square(first.w)), sum(second.w))
  }
  const [, slope] = valueAndGrad((b: Operand) => add(end(b), 0))(-1)
  expect(slope).toBeCloseTo((read(end(-1 + 1e-6)) - read(end(-1 - 1e-6))) / 2e-6, 5)
})

test('training gives the same bits again, keeps the form, and leaves out gradients that are not finite', () => {
  const train = (of: (key: Key) => LearningTask) => metaTrain(of, { weights, key: 0, unroll: 2, steps: 2 })
  expect(JSON.stringify(train(family))).toBe(JSON.stringify(train(family)))
  expect(train(family).weights.hidden).toHaveLength(2)
  const broken = train((key) => ({ ...family(key), score: (params) => mul(NaN, sum((params as { x: Operand }).x)) }))
  expect(JSON.stringify(broken.weights)).toBe(JSON.stringify(weights))
})

test.each([
  [
    () => learnedOptimizer({} as never),
    'learnedOptimizer: weights must be what learnedWeights or metaTrain gives, got undefined'
  ],
  [() => learnedOptimizer({ weights: { ...weights, output: [] } }), 'learnedOptimizer: weights must be'],
  [() => learnedOptimizer({ weights, eps: -1 }), 'learnedOptimizer: eps must be a finite number ≥ 0, got -1'],
  [() => learnedWeights(random.key(0), { hidden: 0 }), 'learnedWeights: hidden must be a whole number ≥ 1, got 0'],
  [
    () => learnedWeights(random.key(0), { learningRate: 0 }),
    'learnedWeights: learningRate must be a finite number > 0, got 0'
  ],
  [() => metaTrain(family, { weights, key: 0, unroll: 0 }), 'metaTrain: unroll must be a whole number ≥ 1, got 0'],
  [() => metaTrain(family, { weights, key: 0.5 }), 'metaTrain: key must be'],
  [
    () => metaTrain(family, { weights, key: 0, optimizer: {} as never }),
    'metaTrain: optimizer: a transformation must be a pair { init, update } of functions'
  ],
  [() => metaTrain(3 as never, { weights, key: 0 }), 'metaTrain: family must be a function, got 3']
])('refuses %s', (make, message) => {
  expect(make).toThrow(message)
})
