// What is kept of 16-bit params is float32 unless an option says otherwise: a sum of ones would end at 256, and a mean that
// moves by a thousandth of what is missing would never arrive.
import {
  type AnyGradientTransformation,
  adam,
  applyEvery,
  averagedParams,
  type DType,
  ema,
  emaParams,
  force,
  type Leaf,
  lookahead,
  multiSteps,
  ndarray,
  polyakAverage,
  type StateOf,
  scale,
  scaleByAdabound,
  scaleByAdadelta,
  scaleByAdam,
  scaleByAdamax,
  scaleByAdan,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByFactoredRms,
  scaleByNadam,
  scaleByNovograd,
  scaleByRadam,
  scaleByRms,
  scaleByRss,
  scaleBySm3,
  scaleByStddev,
  scaleByYogi,
  step,
  sum,
  swa,
  type Tree,
  trace,
  transient,
  tree
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { titleOf } from './checkRows.js'

const halves = (x: number, dtype: 'bfloat16' | 'float16' = 'bfloat16') => ({ w: ndarray([x], [1], dtype) })

/** The number behind a tree of one element. */
const numberOf = (values: unknown): number => {
  const [leaf] = tree.leaves(force(tree.cast(values as Tree, 'float64'))) as [Leaf]
  return typeof leaf === 'object' && 'dtype' in leaf ? (leaf.data[0] as number) : Number.NaN
}

/** The last update of a run over the same gradient. */
const lastOf = <T extends AnyGradientTransformation>(tx: T, grads: readonly ReturnType<typeof halves>[]): number => {
  const params = halves(0, grads[0]?.w.dtype)
  const plain = tx as unknown as {
    init: (params: unknown) => StateOf<T>
    update: (updates: unknown, state: StateOf<T>, params: unknown) => readonly [unknown, StateOf<T>]
  }
  let state = plain.init(params)
  let last: unknown = null
  for (const grad of grads) [last, state] = plain.update(grad, state, params)
  return numberOf(last)
}

const constant = (x: number, count: number, dtype?: 'bfloat16' | 'float16') => Array(count).fill(halves(x, dtype))

describe('second moments', () => {
  // The law of Adam and its kin: the update of a gradient that stays the same is ±1, in whatever dtype it is handed over.
  test.each([
    ['scaleByAdam', scaleByAdam()],
    ['scaleByAdam, nesterov', scaleByAdam({ nesterov: true })],
    ['scaleByNadam', scaleByNadam()],
    ['scaleByAmsgrad', scaleByAmsgrad()],
    ['scaleByAdan', scaleByAdan()],
    ['scaleByAdamax', scaleByAdamax()],
    ['scaleByRms', scaleByRms({ decay: 0.999, biasCorrection: true })],
    ['scaleByYogi', scaleByYogi({ eps: 0 })]
  ])('%s comes to 1 of bfloat16 gradients 1', (_, tx) => {
    const update = lastOf(tx, constant(1, 5000))
    // One unit of bfloat16 below 1.
    expect(update).toBeGreaterThanOrEqual(1 - 2 ** -7)
    expect(update).toBeLessThanOrEqual(1 + 2 ** -7)
  })

  test('scaleByAdam comes to exactly 1 of bfloat16 gradients 1, after 5000 steps', () => {
    expect(lastOf(scaleByAdam(), constant(1, 5000))).toBe(1)
  })

  test('a 16-bit second moment is to be had by option, and stands still', () => {
    const update = lastOf(scaleByAdam({ muDtype: 'bfloat16', nuDtype: 'bfloat16' }), constant(1, 5000))
    expect(update).toBeGreaterThan(1.9)
  })

  test.each([
    ['scaleByAdam', scaleByAdam()],
    ['scaleByBelief', scaleByBelief()],
    ['scaleByAmsgrad', scaleByAmsgrad()],
    ['scaleByRadam', scaleByRadam()],
    ['scaleByAdan', scaleByAdan()],
    ['scaleByAdamax', scaleByAdamax()],
    ['scaleByRms', scaleByRms({ decay: 0 })],
    ['scaleByNovograd', scaleByNovograd({ b1: 0 })],
    ['scaleByFactoredRms', scaleByFactoredRms()],
    ['scaleByStddev', scaleByStddev({ decay: 0.5, eps: 1e-16 })],
    ['scaleByRss', scaleByRss({ initialAccumulatorValue: 0 })],
    ['scaleBySm3', scaleBySm3({ b1: 0, eps: 1e-16 })],
    ['scaleByAdabound', scaleByAdabound({ finalScale: 1 })],
    ['scaleByAdadelta', scaleByAdadelta()]
  ])('%s does not lose float16 gradients that are small or large', (_, tx) => {
    for (const g of [1e-4, 300]) {
      const [half, single] = [halves(g, 'float16'), { w: ndarray([numberOf(halves(g, 'float16'))], [1]) }]
      const run = (grads: unknown) => {
        const { init, update } = tx as AnyGradientTransformation as {
          init: (p: unknown) => unknown
          update: (g: unknown, s: unknown, p: unknown) => readonly [unknown, unknown]
        }
        return numberOf(update(grads, init(grads), grads)[0])
      }
      const [ours, wide] = [run(half), run(single)]
      // Half a unit of float16, of which there are 2¹¹ to a power of two, or half of the smallest one.
      expect(Math.abs(ours - wide)).toBeLessThanOrEqual(Math.min(Math.abs(wide), 65504) * 2 ** -11 + 2 ** -25)
      expect(Number.isFinite(ours)).toBe(Math.abs(wide) < 65520)
    }
  })

  test('scaleByAdam is about 1 of float16 gradients 1e-4, and of 300', () => {
    expect(lastOf(scaleByAdam(), constant(1e-4, 3, 'float16'))).toBeCloseTo(1, 3)
    expect(lastOf(scaleByAdam(), constant(300, 3, 'float16'))).toBe(1)
  })
})

describe('sums and averages', () => {
  test('multiSteps has the mean of bfloat16 gradients, rounded once', () => {
    const grads = [halves(1), ...constant(2, 299)]
    // (1 + 299 · 2) / 300 = 1.9966…, of which bfloat16 makes 2; its accumulator knows better.
    expect(lastOf(multiSteps(scale(1), 300), grads)).toBe(2)
    expect(lastOf(multiSteps(scale(1), 300, { accumulatorDtype: 'bfloat16' }), grads)).toBe(1.9375)
    const tx = multiSteps(scale(1), 300)
    let state = tx.init(halves(0))
    for (const grad of grads.slice(0, 299)) state = tx.update(grad, state, halves(0))[1]
    expect(numberOf(state.accGrads)).toBeCloseTo(597 / 299, 5)
  })

  test('the inner transformation of multiSteps gets that mean as it is', () => {
    const grads = [halves(1), ...constant(2, 299)]
    const tx = multiSteps(trace(0), 300)
    let state = tx.init(halves(0))
    for (const grad of grads) state = tx.update(grad, state, halves(0))[1]
    expect(numberOf(state.innerState.trace)).toBeCloseTo(1.9967, 4)
  })

  test.each([
    ['applyEvery', applyEvery(300)],
    ['trace', trace(1)],
    ['multiSteps without mean', multiSteps(scale(1), 300, { useGradMean: false })]
  ])('%s of 300 ones is 300', (_, tx) => {
    expect(lastOf(tx, constant(1, 300))).toBe(300)
  })

  test('a sum of 300 ones is 300, along axes as well', () => {
    const ones = ndarray(Array(300).fill(1), [300], 'bfloat16')
    expect(tree.leaves(force([tree.sum([ones])]))).toStrictEqual([300])
    expect(force(sum(ones, [0]))).toStrictEqual(ndarray([300], [1]))
  })

  test('ema comes to the gradient', () => {
    expect(lastOf(ema(0.999, { debias: false }), constant(1, 10_000))).toBe(1)
  })

  test.each([
    ['swa', swa(scale(1), { start: 1 })],
    ['polyakAverage', polyakAverage(scale(1))],
    ['emaParams', emaParams(scale(1), { decay: 0.999 })]
  ])('%s averages 16-bit params in float32, and gives the average rounded once', (_, tx) => {
    let params = halves(1)
    let state = tx.init(params)
    for (let t = 0; t < 300; t++) [params, state] = step(tx, halves(t === 0 ? 1 : 0), state, params)
    // All params averaged are 2.
    expect(numberOf(averagedParams(state, params))).toBe(2)
    for (let t = 0; t < 300; t++) [params, state] = step(tx, halves(0), state, params)
    expect(numberOf(averagedParams(state, params))).toBe(2)
  })

  test('the slow params of lookahead move by less than bfloat16 can tell', () => {
    const tx = lookahead(scale(1), { syncPeriod: 1, slowStepSize: 0.01 })
    let [params, state] = [halves(1), tx.init(halves(1))]
    for (let t = 0; t < 100; t++) [params, state] = step(tx, halves(0.125), state, params)
    expect(numberOf(state.slow)).toBeGreaterThan(1.1)
  })
})

/** What may be 16-bit, as nothing is lost: signs, the params as they once were, and what a user asked to be kept. */
const exact: Readonly<Record<string, RegExp>> = {
  rprop: /prevSigns/,
  scaleByRprop: /prevSigns/,
  scaleByDistanceOverGradients: /initParams/,
  scaleByDog: /initParams/,
  dog: /initParams/,
  scaleByDowg: /initParams/,
  dowg: /initParams/,
  scaleByCocob: /initParticles/,
  cocob: /initParticles/,
  scaleByMadgrad: /x0/,
  madgrad: /x0/,
  scaleByProdigy: /params0/,
  prodigy: /params0/,
  mechanize: /x0/,
  dAdapt: /x0/,
  trac: /x0/,
  sam: /cache/,
  asam: /cache/,
  friendlySam: /cache/,
  gsam: /cache/,
  lookSam: /cache/,
  wsam: /cache/,
  scaleByLbfgs: /params/,
  lbfgs: /params|grad/,
  scaleByBacktrackingLinesearch: /grad/,
  scaleByZoomLinesearch: /grad/,
  snapshot: /./,
  monitor: /./,
  measureWithEma: /measurements/,
  // Who wraps a state in it asks for few bits.
  quantizedState: /innerState/,
  kahanParams: /lost/
}

const dtypesIn = (state: unknown, path = ''): readonly (readonly [path: string, dtype: DType])[] => {
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return []
  if ('dtype' in state && 'data' in state) return [[path, state.dtype as DType]]
  return Object.entries(state).flatMap(([key, part]) => dtypesIn(part, `${path}.${key}`))
}

test('nothing in a state is 16-bit by default, whatever the params are, and stays so', () => {
  const params = { w: ndarray([1, 2, 3, 4], [2, 2], 'bfloat16'), v: ndarray([1], [1], 'float16') }
  const found = catalogue.flatMap((row) => {
    if (row.kind !== 'transformation' && row.kind !== 'alias' && row.kind !== 'wrapper') return []
    // These rows ask for it.
    if (row.variant?.includes('bfloat16')) return []
    const asked = row.variant === 'all options' ? /\.mu\./ : /^$/
    const tx = row.kind === 'wrapper' ? row.make()(adam(0.1)) : row.make()
    const { init, update } = tx as {
      init: (p: unknown) => unknown
      update: (g: unknown, s: unknown, p: unknown) => readonly [unknown, unknown]
    }
    const fresh = init(params)
    const [, state] = update(params, fresh, params)
    expect(dtypesIn(state), titleOf(row)).toStrictEqual(dtypesIn(fresh))
    return dtypesIn(state)
      .filter(([path, dtype]) => dtype.endsWith('16') && !(exact[row.name] ?? asked).test(path))
      .map(([path]) => `${titleOf(row)}: ${path}`)
  })
  expect(found).toStrictEqual([])
})

test('transient keeps the same, bit for bit', () => {
  const params = halves(1)
  const tx = adam(0.01)
  const run = transient(tx, params)
  let [next, state] = [params, tx.init(params)]
  for (let t = 0; t < 20; t++) {
    const grads = halves(Math.sin(t))
    run.step(grads)
    ;[next, state] = step(tx, grads, state, next)
  }
  expect(run.snapshot()).toStrictEqual({ params: next, state })
  run.dispose()
})
