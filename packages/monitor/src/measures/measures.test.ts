import fc from 'fast-check'
import { identity, type Leaf, ndarray, read, scale, sgd, type Tree, trace } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { averaged } from './averaged.js'
import { clippedShare } from './clippedShare.js'
import { deadUnits } from './deadUnits.js'
import { decades } from './decades.js'
import { descentCosine } from './descentCosine.js'
import { effectiveLearningRate } from './effectiveLearningRate.js'
import { everySteps } from './everySteps.js'
import { histogramOf } from './histogramOf.js'
import { measured } from './measured.js'
import { normOf } from './normOf.js'
import { scalarsOf } from './scalarsOf.js'
import { signalToNoise } from './signalToNoise.js'
import { statisticsOf } from './statisticsOf.js'
import type { AnyStepMeasure } from './stepMeasure.js'
import { updateRatio } from './updateRatio.js'

/** What a measure says after steps whose updates are the gradients times `factor`. */
const seenBy = (
  measure: AnyStepMeasure,
  grads: readonly Tree<Leaf>[],
  params: Tree<Leaf>,
  factor = -0.5
): unknown[] => {
  const tx = measured(scale(factor), { measure })
  let state = tx.init(params as never)
  return grads.map((g) => {
    state = tx.update(g as never, state, params as never)[1]
    return state.measurements.measure
  })
}

const last = (measure: AnyStepMeasure, grads: Tree<Leaf>, params: Tree<Leaf>, factor?: number): unknown =>
  seenBy(measure, [grads], params, factor)[0]

const vector = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 9 })
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
const near = (found: unknown, wanted: number): boolean =>
  found === wanted || Math.abs((found as number) - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted))

describe('of one step', () => {
  test('norms, of all arrays together and of each', () => {
    const g = { w: new Float32Array([3, -4]), b: 12 }
    expect(last(normOf('gradients'), g, g)).toBe(13)
    expect(last(normOf('gradients', { by: 'leaf' }), g, g)).toStrictEqual({ w: 5, b: 12 })
    expect(last(normOf('updates'), g, g)).toBe(6.5)
    expect(
      last(
        normOf(({ params }) => ({ only: (params as typeof g).b })),
        g,
        { ...g, b: -2 }
      )
    ).toBe(2)
  })

  test('the ratio is that of the norms, and scaling updates and params alike changes nothing', () => {
    fc.assert(
      fc.property(vector, vector, (g, p) => {
        const wanted = dot(g, g) === 0 ? 0 : (0.5 * Math.sqrt(dot(g, g))) / Math.sqrt(dot(p, p))
        const found = last(
          updateRatio(),
          { g: new Float64Array(g), p: new Float64Array(p.length) },
          { g: new Float64Array(g.length), p: new Float64Array(p) }
        )
        const scaled = last(
          updateRatio(),
          { g: new Float64Array(g.map((x) => 4 * x)), p: new Float64Array(p.length) },
          { g: new Float64Array(g.length), p: new Float64Array(p.map((x) => 4 * x)) }
        )
        return near(found, wanted) && Object.is(found, scaled)
      })
    )
  })

  test('a step away from params of zero is infinitely large beside them', () => {
    expect(last(updateRatio(), { w: 1 }, { w: 0 })).toBe(Infinity)
  })

  test('the effective learning rate is the coefficient of the gradient in the step, and of sgd the rate', () => {
    fc.assert(
      fc.property(vector, (g) => {
        const wanted = dot(g, g) === 0 ? 0 : 0.25
        return near(last(effectiveLearningRate(), new Float64Array(g), new Float64Array(g.length), -0.25), wanted)
      })
    )
    const tx = measured(sgd(0.125), { rates: effectiveLearningRate({ by: 'leaf' }) })
    const state = tx.update({ a: 3, b: -5 }, tx.init({ a: 0, b: 0 }), { a: 0, b: 0 })[1]
    expect(state.measurements.rates).toStrictEqual({ a: 0.125, b: 0.125 })
    expect(last(effectiveLearningRate(), { w: 2 }, { w: 0 }, 3)).toBe(-3)
  })

  test('the cosine is 1 along descent and −1 uphill, whatever the lengths, and 0 where there is no step or no gradient', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 9 }), (g, factor) => {
        const zero = dot(g, g) === 0
        const at = (by: number): unknown => last(descentCosine(), new Float64Array(g), new Float64Array(g.length), by)
        return near(at(-factor), zero ? 0 : 1) && near(at(factor), zero ? 0 : -1)
      })
    )
    expect(last(descentCosine(), { w: 3 }, { w: 1 }, 0)).toBe(0)
    // Across: the velocity is [1, 0] + [0, 1], the gradient [0, 1].
    const tx = measured(trace(1), { cosine: descentCosine() })
    const params = { w: [0, 0] }
    const [, first] = tx.update({ w: [1, 0] }, tx.init(params), params)
    const [, second] = tx.update({ w: [0, 1] }, first, params)
    expect(second.measurements.cosine).toBeCloseTo(-Math.SQRT1_2, 14)
  })

  test('statistics are those of all elements', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const all = [...a, ...b]
        const mean = all.reduce((sum, x) => sum + x, 0) / all.length
        const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / all.length)
        const found = last(
          statisticsOf('gradients'),
          [new Float32Array(a), new Float64Array(b)],
          [new Float32Array(a), new Float64Array(b)]
        ) as Record<string, number>
        expect(found).toStrictEqual({
          mean: found['mean'],
          deviation: found['deviation'],
          least: Math.min(...all),
          most: Math.max(...all)
        })
        // Beside the mean, whose square is at most 2500, the deviation loses half of the digits where it is nearly 0.
        return near(found['mean'], mean) && Math.abs((found['deviation'] as number) - deviation) < 1e-6
      })
    )
    expect(last(statisticsOf('params'), {}, {})).toStrictEqual({
      mean: 0,
      deviation: 0,
      least: Infinity,
      most: -Infinity
    })
  })

  test('a histogram counts each number once, and NaN nowhere', () => {
    const edges = [-10, 0, 1, 30]
    fc.assert(
      fc.property(vector, fc.nat(2), (g, extra) => {
        const values = new Float64Array([...g, ...Array<number>(extra).fill(NaN)])
        const wanted = [-Infinity, ...edges].map(
          (low, i) => g.filter((x) => x >= low && x < (edges[i] ?? Infinity)).length
        )
        expect(last(histogramOf('gradients', { edges }), values, values)).toStrictEqual(wanted)
      })
    )
  })

  test('a histogram of magnitudes: ±0 and what is small lie below the first decade, infinity in the last bin', () => {
    const g = new Float32Array([-0, 0.0009, -0.001, 0.5, -9, 10, -Infinity])
    expect(last(histogramOf('gradients', { edges: decades(-3, 1), ofMagnitudes: true }), g, g)).toStrictEqual([
      2, 1, 0, 1, 1, 2
    ])
  })

  test('decades are the numbers as they are written', () => {
    expect(decades(-8, -6)).toStrictEqual([1e-8, 1e-7, 1e-6])
    expect(decades(308, 308)).toStrictEqual([1e308])
  })

  test('the clipped share is that of elements beyond the bound', () => {
    fc.assert(
      fc.property(vector, fc.nat(40), (g, bound) => {
        const wanted = g.filter((x) => Math.abs(x) > bound).length / g.length
        return last(clippedShare(bound), new Float32Array(g), new Float32Array(g.length)) === wanted
      })
    )
    const g = { a: [3, 0], b: [1, 1] }
    expect(last(clippedShare(1, { by: 'leaf', of: 'updates' }), g, g, -2)).toStrictEqual({ a: [1, 0], b: [1, 1] })
    expect(last(clippedShare(1), {}, {})).toBe(0)
  })

  test('units are dead where nothing along the other axes is above the threshold', () => {
    const kernel = ndarray([0, 1, 0, 0, 0, -2], [2, 3])
    const g = { kernel, bias: new Float32Array([0, 5, 0.5]), scalar: 0 }
    // Of the kernel the columns 0; of the bias the first; the number.
    expect(last(deadUnits(), g, g)).toBe(3 / 7)
    expect(last(deadUnits({ by: 'leaf' }), g, g)).toStrictEqual({ kernel: 1 / 3, bias: 1 / 3, scalar: 1 })
    expect(last(deadUnits({ by: 'leaf', axis: 0 }), g, g)).toStrictEqual({ kernel: 0, bias: 1 / 3, scalar: 1 })
    expect(last(deadUnits({ by: 'leaf', threshold: 1 }), g, g)).toStrictEqual({ kernel: 2 / 3, bias: 2 / 3, scalar: 1 })
    expect(last(deadUnits({ of: 'updates' }), g, g, 0)).toBe(1)
    expect(last(deadUnits(), {}, {})).toBe(0)
  })
})

describe('of several steps', () => {
  test('the ratio of signal to noise is without bias: many short runs of numbers of mean 3 and deviation 2', () => {
    let [signal, noise] = [0, 0]
    // A generator of its own, so that the mean over many runs is the same in all.
    let word = 1
    const uniform = (): number => {
      word = (Math.imul(word, 1664525) + 1013904223) | 0
      return (word >>> 8) / 2 ** 24
    }
    const ratios: number[] = []
    const width = 400
    for (let run = 0; run < 20; run++) {
      const grads = Array.from({ length: 12 }, () =>
        // Uniform numbers of deviation 2 around 3.
        Float64Array.from({ length: width }, () => 3 + (uniform() - 0.5) * 2 * Math.sqrt(12))
      )
      ratios.push(seenBy(signalToNoise({ decay: 0.8 }), grads, new Float64Array(width)).at(-1) as number)
      signal += 9
      noise += 4
    }
    const mean = ratios.reduce((sum, x) => sum + x, 0) / ratios.length
    // 20 runs of 400 elements and some five gradients each: one in a hundred.
    expect(Math.abs(mean / (signal / noise) - 1)).toBeLessThan(0.03)
  })

  test('noise alone is no signal, gradients that stay are nothing else, and scale does not matter', () => {
    const turning = [1, -1, 1, -1, 1, -1].map((x) => ({ w: x }))
    expect(seenBy(signalToNoise({ decay: 0.99 }), turning, { w: 0 }).at(-1)).toBe(0)
    expect(seenBy(signalToNoise({ decay: 0.5 }), [{ w: 2 }, { w: 2 }, { w: 2 }], { w: 0 })).toStrictEqual([
      0,
      Infinity,
      Infinity
    ])
    expect(seenBy(signalToNoise(), [{ w: 0 }, { w: 0 }], { w: 0 })).toStrictEqual([0, 0])
    const grads = [3, 1, 4, 1, 5].map((x) => new Float64Array([x, -x / 2]))
    expect(
      seenBy(
        signalToNoise(),
        grads.map((g) => g.map((x) => 8 * x)),
        new Float64Array(2)
      )
    ).toStrictEqual(seenBy(signalToNoise(), grads, new Float64Array(2)))
  })

  test('an average is that of the measurements, debiased', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 0, max: 9 }), (xs, tenths) => {
        const decay = tenths / 10
        const found = seenBy(
          averaged(normOf('gradients'), decay),
          xs.map((w) => ({ w })),
          { w: 0 }
        )
        let [sum, weights] = [0, 0]
        return xs.every((x, i) => {
          sum = decay * sum + Math.abs(x)
          weights = decay * weights + 1
          return near(found[i], sum / weights)
        })
      })
    )
  })

  test('an average of one that remembers, measured now and then', () => {
    const both = everySteps(2, averaged(everySteps(1, normOf('gradients')), 0.5))
    const found = seenBy(
      both,
      [1, 100, 4, 100, 100].map((w) => ({ w })),
      { w: 0 }
    )
    expect(found.slice(0, 4)).toStrictEqual([1, 1, 3, 3])
    expect(found[4]).toBeCloseTo((1 + 2 * 4 + 4 * 100) / 7, 12)
  })

  test('what is not measured stays, arrays as well', () => {
    const found = seenBy(
      everySteps(3, ({ gradients }) => gradients),
      [1, 2, 3, 4].map((x) => new Float32Array([x])),
      new Float32Array(1)
    )
    expect(found).toStrictEqual([1, 1, 1, 4].map((x) => new Float32Array([x])))
  })
})

test('a row of measurements has a number for each path, and no arrays', () => {
  const row = scalarsOf({ a: 1, deep: [{ 'b c': NaN }, null], all: new Float32Array(2) })
  expect(row).toStrictEqual({ a: 1, 'deep[0]["b c"]': NaN })
  expect(read(scalarsOf({ x: 2 })['x'] as number)).toBe(2)
})

test.each([
  [
    'normOf: quantity must be one of "gradients", "updates", "params", or a function of the step, got "grads"',
    () => normOf('grads' as never)
  ],
  ['normOf: by must be one of "all", "leaf", got "layer"', () => normOf('params', { by: 'layer' as never })],
  ['updateRatio: by must be one of "all", "leaf", got 1', () => updateRatio({ by: 1 as never })],
  ['effectiveLearningRate: by must be one of', () => effectiveLearningRate({ by: 1 as never })],
  ['descentCosine: by must be one of', () => descentCosine({ by: 1 as never })],
  ['signalToNoise: decay must be in [0, 1), got 1', () => signalToNoise({ decay: 1 })],
  [
    'histogramOf: edges must be a list of finite numbers, one or more, each above the one before, got []',
    () => histogramOf('params', { edges: [] })
  ],
  ['histogramOf: edges must be a list', () => histogramOf('params', { edges: [1, 1] })],
  ['histogramOf: edges must be a list', () => histogramOf('params', { edges: [0, Infinity] })],
  ['decades: from and to must be whole numbers from -323 to 308, in order, got 2 and 1', () => decades(2, 1)],
  ['decades: from and to must be', () => decades(0.5, 1)],
  ['clippedShare: maxDelta must be a finite number ≥ 0, got -1', () => clippedShare(-1)],
  ['clippedShare: of must be one of', () => clippedShare(1, { of: 'x' as never })],
  ['deadUnits: axis must be a whole number, got 0.5', () => deadUnits({ axis: 0.5 })],
  ['deadUnits: threshold must be a finite number ≥ 0, got NaN', () => deadUnits({ threshold: NaN })],
  ['statisticsOf: quantity must be one of', () => statisticsOf('state' as never)],
  ['averaged: decay must be in [0, 1), got -1', () => averaged(normOf('params'), -1)],
  ['averaged: measure must be a function of a step', () => averaged(1 as never, 0.5)],
  ['everySteps: period must be a whole number ≥ 1, got 0', () => everySteps(0, normOf('params'))],
  ['everySteps: measure must be a function of a step', () => everySteps(1, null as never)],
  ['scalarsOf: measurements must be an object, got 3', () => scalarsOf(3)]
])('refuses: %s', (message, refused) => {
  expect(refused).toThrow(message)
})

test('measures stand around anything', () => {
  const tx = measured(identity(), {})
  expect(tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })[1]).toStrictEqual({
    measurements: {},
    measureStates: {},
    innerState: {}
  })
})
