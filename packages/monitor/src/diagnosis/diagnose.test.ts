import {
  type AnyGradientTransformation,
  adam,
  add,
  div,
  exp,
  type Leaf,
  mul,
  neg,
  read,
  sgd,
  square,
  sub,
  type Tree,
  tanh,
  type Value,
  valueAndGrad
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { fitLoop } from '../loop/fitLoop.js'
import { measured } from '../measures/measured.js'
import { normOf } from '../measures/normOf.js'
import { updateRatio } from '../measures/updateRatio.js'
import { diagnose } from './diagnose.js'
import type { HistoryRow, Problem } from './types.js'

type Params = Readonly<Record<string, number>>
type Gradient = (params: Params, step: number) => readonly [number, Params]

/** A run with everything that is looked at, measured. */
const historyOf = (
  optimizer: AnyGradientTransformation,
  params: Params,
  valueAndGrad: Gradient,
  steps: number
): HistoryRow[] => {
  const tx = measured(optimizer, {
    updateRatio: updateRatio(),
    gradientNorm: normOf('gradients'),
    layers: normOf('gradients', { by: 'leaf' })
  })
  const { history } = fitLoop({
    optimizer: tx as never,
    params,
    batches: Array.from({ length: steps }, (_, i) => i),
    valueAndGrad: (p: Params, step: number) => valueAndGrad(p, step),
    row: ({ loss, state }) => {
      const {
        updateRatio: ratio,
        gradientNorm,
        layers
      } = (state as { measurements: Record<string, never> }).measurements
      return {
        loss,
        updateRatio: read(ratio as never),
        gradientNorm: read(gradientNorm as never),
        layers: layers as unknown as Tree<Leaf>
      }
    }
  })
  return [...history]
}

const problemsOf = (history: readonly HistoryRow[]): readonly Problem[] =>
  diagnose(history).map(({ problem }) => problem)

/** Σ c (w − 1)². */
const bowl =
  (curvature: number): Gradient =>
  (p) => [
    Object.values(p).reduce((sum, w) => sum + curvature * (w - 1) * (w - 1), 0),
    Object.fromEntries(Object.entries(p).map(([name, w]) => [name, 2 * curvature * (w - 1)]))
  ]

/** The same numbers in every run, in [0, 1). */
const numbers = (): (() => number) => {
  let word = 7
  return () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0
    return (word >>> 8) / 2 ** 24
  }
}

/** A function of expressions, as the loop wants it. */
const derived = (f: (params: Record<string, Value>) => Value): Gradient => {
  const both = valueAndGrad(f as never) as unknown as (params: Params) => readonly [number, Params]
  return (params) => {
    const [value, gradients] = both(params)
    return [read(value), gradients]
  }
}

const sigmoid = (x: Value): Value => div(1, add(1, exp(neg(x))))

/** A chain of layers of one unit each: how far its end is from a target. */
const deep = (depth: number, activation: (x: Value) => Value): Gradient =>
  derived((p) => {
    let x: Value = 1
    for (let layer = 0; layer < depth; layer++) x = activation(mul(p[`w${layer}`] as Value, x))
    return square(sub(x, 3))
  })

const weights = (values: readonly number[]): Params => Object.fromEntries(values.map((w, i) => [`w${i}`, w]))

describe('each rule on a run that has the problem', () => {
  test('a healthy run has none', () => {
    expect(problemsOf(historyOf(adam(1e-3), { a: 2, b: 2 }, bowl(1), 300))).toStrictEqual([])
  })

  test('notFinite: gradient descent on w⁴ with a rate that is far too large', () => {
    const quartic: Gradient = ({ w = 0 }) => [w * w * w * w, { w: 4 * w * w * w }]
    const history = historyOf(sgd(1), { w: 3 }, quartic, 12)
    const [first] = diagnose(history)
    expect(first?.problem).toBe('notFinite')
    expect(Number.isFinite(history[(first?.at as number) - 1]?.loss)).toBe(true)
    expect(first?.evidence).toMatch(/^the (loss|norm of the gradients) is (NaN|Infinity)$/)
  })

  test('diverging: a quadratic with a rate just above what it bears', () => {
    const history = historyOf(sgd(0.55), { a: 2 }, bowl(2), 20)
    expect(diagnose(history)[0]).toMatchObject({ problem: 'diverging', at: 0 })
  })

  test('oscillating: |w − 1| with a step that is too long to get there', () => {
    const absolute: Gradient = ({ w = 0 }) => [Math.abs(w - 1), { w: Math.sign(w - 1) }]
    const found = diagnose(historyOf(sgd(0.5), { w: 4.3 }, absolute, 60))
    expect(found[0]).toMatchObject({ problem: 'oscillating', at: 30 })
    expect(found[0]?.evidence).toBe('the loss turns at 100 % of the steps, by 0.1')
  })

  test('not oscillating: losses of single batches, which go up and down by chance', () => {
    const random = numbers()
    const found = Array.from({ length: 200 }, () =>
      problemsOf(Array.from({ length: 60 }, () => ({ loss: 1 + random() })))
    )
    expect(found.filter((problems) => problems.includes('oscillating')).length).toBeLessThanOrEqual(8)
  })

  test('plateau: a sigmoid that is saturated where it starts', () => {
    const saturated = derived(({ w }) => square(sub(1, sigmoid(w as Value))))
    const found = diagnose(historyOf(sgd(0.1), { w: -9 }, saturated, 40))
    expect(found.map(({ problem }) => problem)).toStrictEqual(['plateau', 'smallSteps'])
    // Solved is no plateau, however flat.
    expect(problemsOf(historyOf(sgd(0.4), { a: 2 }, bowl(1), 80))).not.toContain('plateau')
  })

  test('spikes: one batch of thirty has an example that is far off', () => {
    const random = numbers()
    const regression: Gradient = ({ w = 0 }, step) => {
      const [x, noise] = [1 + random(), step === 30 ? 300 : random()]
      const error = w * x - (2 * x + noise)
      return [error * error, { w: 2 * error * x }]
    }
    const spike = diagnose(historyOf(sgd(0.02), { w: 1 }, regression, 60)).find(({ problem }) => problem === 'spikes')
    expect(spike?.at).toBe(30)
  })

  test('vanishing: nine sigmoids one after the other', () => {
    const found = diagnose(historyOf(sgd(0.1), weights(Array(9).fill(1)), deep(9, sigmoid), 12))
    const vanishing = found.find(({ problem }) => problem === 'vanishing')
    expect(vanishing?.evidence).toMatch(/^the gradient of \.w0, .* is below 1e-3 of that of the last layer$/)
    expect(vanishing?.evidence).not.toContain('.w8')
  })

  test('exploding: a first layer near 0 behind layers that blow it up', () => {
    const found = problemsOf(historyOf(sgd(1e-9), weights([1e-3, 4, 4, 4]), deep(4, tanh), 12))
    expect(found).toContain('exploding')
    expect(found).not.toContain('vanishing')
  })

  test('steps that are too large, and too small, beside params', () => {
    expect(problemsOf(historyOf(sgd(0.05), { a: 30 }, bowl(1), 10))).toContain('largeSteps')
    expect(problemsOf(historyOf(sgd(1e-6), { a: 30 }, bowl(1), 10))).toContain('smallSteps')
  })

  test('overfitting: as many features as examples, and noise', () => {
    const random = numbers()
    const rows = Array.from({ length: 60 }, () => {
      const x = Array.from({ length: 20 }, () => 2 * random() - 1)
      return { x, y: (x[0] as number) + 2 * (2 * random() - 1) }
    })
    const [train, held] = [rows.slice(0, 20), rows.slice(20)]
    const lossOf = (p: Params, of: typeof rows): number =>
      of.reduce((sum, { x, y }) => sum + (x.reduce((dot, xi, i) => dot + xi * (p[`w${i}`] as number), 0) - y) ** 2, 0) /
      of.length
    const gradient: Gradient = (p) => {
      const errors = train.map(({ x, y }) => x.reduce((dot, xi, i) => dot + xi * (p[`w${i}`] as number), 0) - y)
      return [
        lossOf(p, train),
        weights(
          Array.from({ length: 20 }, (_, i) =>
            errors.reduce((sum, e, n) => sum + (2 * e * (train[n]?.x[i] as number)) / 20, 0)
          )
        )
      ]
    }
    const { history } = fitLoop({
      optimizer: sgd(0.3),
      params: weights(Array(20).fill(0)),
      batches: Array.from({ length: 400 }, (_, i) => i),
      valueAndGrad: gradient,
      // Now and then, as one does.
      row: ({ loss, step, params }) => ({ loss, ...(step % 10 === 0 ? { validationLoss: lossOf(params, held) } : {}) })
    })
    const overfitting = diagnose(history).find(({ problem }) => problem === 'overfitting')
    expect(overfitting?.at).toBeLessThan(200)
    expect(overfitting?.remedies[0]).toBe('stop there: earlyStopping')
    // Without the validation loss nobody knows.
    expect(problemsOf(history.map(({ loss }) => ({ loss })))).not.toContain('overfitting')
  })
})

describe('the laws of it', () => {
  test('scale does not matter', () => {
    const absolute: Gradient = ({ w = 0 }) => [Math.abs(w - 1), { w: Math.sign(w - 1) }]
    const histories = [historyOf(sgd(0.5), { w: 4.3 }, absolute, 60), historyOf(sgd(0.55), { a: 2 }, bowl(2), 20)]
    for (const history of histories) {
      const scaled = history.map((row) => ({
        ...row,
        loss: 8 * row.loss,
        gradientNorm: 8 * (row.gradientNorm as number)
      }))
      expect(problemsOf(scaled)).toStrictEqual(problemsOf(history))
    }
  })

  test('what is not known is not found, and a short history has no trend', () => {
    expect(diagnose([])).toStrictEqual([])
    expect(diagnose([{ loss: 1 }, { loss: 5 }, { loss: 50 }])).toStrictEqual([])
    expect(problemsOf([{ loss: 1, gradientNorm: Infinity }])).toStrictEqual(['notFinite'])
  })

  test.each([
    ['diagnose: history must be a list of rows, got 3', 3],
    ['diagnose: history[1].loss must be a number, got undefined', [{ loss: 1 }, {}]],
    ['diagnose: history[0].loss must be a number, got undefined', [null]]
  ])('refuses: %s', (message, wrong) => {
    expect(() => diagnose(wrong as never)).toThrow(message)
  })
})

describe('where a problem begins', () => {
  /** So many rows of each. */
  const rowsOf = (...parts: readonly (readonly [count: number, row: Partial<HistoryRow>])[]): readonly HistoryRow[] =>
    parts.flatMap(([count, row]) => Array.from({ length: count }, () => ({ loss: 1, ...row })))
  const losses = (...each: readonly number[]) =>
    rowsOf(...each.map((loss): [number, { loss: number }] => [4, { loss }]))
  const zigzag = (slope: number) =>
    Array.from({ length: 60 }, (_, i) => ({ loss: 10 - slope * i + (i % 2 === 0 ? 0.3 : -0.3) }))
  const validated = (validationLoss: number, end: number, loss: number) =>
    rowsOf([4, { loss: 2 }], [4, { validationLoss }], [4, { validationLoss }], [8, { validationLoss: end, loss }])
  const [thin, even] = [
    { a: 1e-6, b: 1 },
    { a: 1, b: 1 }
  ] as unknown as readonly [Tree<Leaf>, Tree<Leaf>]

  test.each<readonly [Problem, string, readonly HistoryRow[], boolean]>([
    ['diverging', 'to 2.1 times the loss', losses(1, 1, 2, 2.1), true],
    ['diverging', 'to 1.9 times the loss', losses(1, 1, 1.8, 1.9), false],
    ['oscillating', 'about what hardly falls', zigzag(0.01), true],
    ['oscillating', 'about what falls by more', zigzag(0.1), false],
    ['plateau', 'of 0.8 %', losses(10, 7, 5, 4.96), true],
    ['plateau', 'of 2 %', losses(10, 7, 5, 4.9), false],
    ['spikes', 'after five rows', rowsOf([5, { gradientNorm: 1 }], [1, { gradientNorm: 11 }]), true],
    ['spikes', 'after four rows', rowsOf([4, { gradientNorm: 1 }], [1, { gradientNorm: 11 }]), false],
    [
      'spikes',
      'of what twenty rows were before',
      rowsOf([40, { gradientNorm: 100 }], [20, { gradientNorm: 1 }], [1, { gradientNorm: 50 }]),
      true
    ],
    ['vanishing', 'in half of the rows', rowsOf([4, { layers: thin }], [4, { layers: even }]), true],
    ['vanishing', 'in fewer', rowsOf([3, { layers: thin }], [4, { layers: even }]), false],
    ['largeSteps', 'at one step', rowsOf([1, { updateRatio: 0.1 }], [7, { updateRatio: 1e-3 }]), false],
    ['largeSteps', 'at most steps', rowsOf([1, { updateRatio: 1e-3 }], [7, { updateRatio: 0.1 }]), true],
    ['overfitting', 'by a fifth', validated(1, 1.2, 0.5), true],
    ['overfitting', 'by a twentieth', validated(1, 1.05, 0.5), false],
    ['overfitting', 'with a loss that does not fall', validated(1, 1.2, 1), false]
  ])('%s %s', (problem, _what, history, isThere) => {
    expect(problemsOf(history).includes(problem)).toBe(isThere)
  })
})
