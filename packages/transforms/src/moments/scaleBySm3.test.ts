import { chain, ndarray, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aGradient,
  anEps,
  expectDtypesKept,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { emittedTrees, expectShaped } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { scaleByRss } from './scaleByRss.js'
import { type ScaleBySm3Options, scaleBySm3 } from './scaleBySm3.js'

const someOptions = fc.record({ b1: aDecay, b2: fc.oneof(fc.constant(1), aDecay), eps: anEps })

/** Arrays of one to four axes: their shape, and rows of numbers. */
const aShapedCourse = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1)
  const row = fc.array(aGradient, { minLength: size, maxLength: size })
  return fc.record({ shape: fc.constant(shape), rows: fc.array(row, { minLength: 1, maxLength: 5 }) })
})

const indexOf = (place: number, shape: readonly number[]): readonly number[] => {
  let left = place
  return [...shape]
    .reverse()
    .map((length) => {
      const index = left % length
      left = (left - index) / length
      return index
    })
    .reverse()
}

/** The updates by the definition, with a table of accumulators for each axis. */
const updatesOf = (
  shape: readonly number[],
  rows: readonly (readonly number[])[],
  { b1, b2, eps }: { b1: number; b2: number; eps: number }
): readonly (readonly (readonly [number, number])[])[] => {
  let mus = shape.map((length) => new Array<number>(length).fill(0))
  let momentum: readonly (readonly [number, number])[] = []
  return rows.map((row) => {
    const squares = row.map((g, place) => {
      const index = indexOf(place, shape)
      const held = Math.min(...mus.map((mu, axis) => mu[index[axis] as number] as number))
      return b2 === 1 ? held + g * g : b2 * held + (1 - b2) * g * g
    })
    mus = shape.map((length, axis) =>
      Array.from({ length }, (_, i) => Math.max(...squares.filter((_, place) => indexOf(place, shape)[axis] === i)))
    )
    momentum = row.map((g, place) => {
      const s = squares[place] as number
      const u = s === 0 ? 0 : g / Math.sqrt(s + eps)
      const [m, size] = momentum[place] ?? [0, 0]
      return [b1 * m + (1 - b1) * u, b1 * size + (1 - b1) * Math.abs(u)] as const
    })
    return momentum
  })
}

const asTrees = (shape: readonly number[], rows: readonly (readonly number[])[]) => ({
  params: ndarray(new Float64Array(rows[0]?.length ?? 0), shape),
  gradients: rows.map((row) => ndarray(Float64Array.from(row), shape))
})

describe('scaleBySm3', () => {
  test('is AdaGrad with momentum on the least of the largest sums of squares across each axis', () => {
    fc.assert(
      fc.property(aShapedCourse, someOptions, ({ shape, rows }, options) => {
        const wanted = updatesOf(shape, rows, options)
        emittedTrees(scaleBySm3(options), asTrees(shape, rows)).forEach((row, t) => {
          row.forEach((u, i) => {
            const [mean, size] = wanted[t]?.[i] ?? [0, 0]
            if (!near(u, mean, size)) throw new Error(`step ${t}, element ${i}: ${u}, the oracle says ${mean}`)
          })
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectShaped(scaleBySm3(), [
      [
        0.09999999800000005, -0.09999999987499998, 0.09999999994444442, 0.09999999949999998, 0.09999999200000094,
        -0.09999999949999998, 0.09999999996874998, -0.09999999994444442
      ],
      [
        0.17320502750577665, -0.07759652644384496, 0.05837722336412758, 0.0005572805394511438, 0.18486832255761804,
        -0.04527864017888964, 0.08999999997187498, -0.05837722336412758
      ],
      [
        0.1240845883835924, -0.12328912216285523, 0.056489263553409844, 0.04132638149787163, 0.16638149030185623,
        0.012701472202394093, 0.09340347342979188, -0.06815687720895719
      ],
      [
        0.12383274301234898, -0.08514032098046023, 0.12387001151991939, -0.000602703925840789, 0.13649801770566766,
        0.031084978437819197, 0.0396186816533422, -0.00835989522404966
      ],
      [
        0.17175173759925666, -0.07920741754615275, 0.06996027044678475, 0.006995350075833841, 0.14819718594793577,
        -0.03382666370780055, 0.05734985926476935, -0.004875769995911333
      ]
    ])
    expectShaped(scaleBySm3({ b1: 0.5, b2: 0.8, eps: 0.1 }), [
      [
        0.6454972243679028, -1.0540925533894598, 1.0882143751650175, 0.9128709291752769, 0.37267799624996495,
        -0.9128709291752769, 1.1009637651263606, -1.0882143751650175
      ],
      [
        1.2128348558293416, -0.38294867226867113, 0.16505816579305704, -0.5148503977696257, 1.2314385195624091,
        -0.007422209520701162, 0.5504818825631803, -0.16505816579305704
      ],
      [
        0.22770682123669178, -0.8638429597357173, 0.13506818127987275, 0.22639542593780193, 0.6157192597812046,
        0.6686575188410313, 0.4438675727942994, -0.28928898713991896
      ],
      [
        0.27263914363429675, -0.07744524982150852, 0.9628929395570258, -0.36917974495551975, 0.12353714855568193,
        0.606232132318426, -0.4008321556341581, 0.5643079665227408
      ],
      [
        0.9079465619296367, -0.07808318739824564, -0.06349241295492258, -0.07844209001551837, 0.4406347392872414,
        -0.5174410748673515, 0.13051967001721732, 0.3215145457488618
      ]
    ])
  })

  test('is scaleByRss from 0 on numbers, vectors and arrays of rank 0, when b1 = 0', () => {
    fc.assert(
      fc.property(aCourse(), anEps, (course, eps) =>
        expectSame(scaleBySm3({ b1: 0, eps }), scaleByRss({ initialAccumulatorValue: 0, eps }), course)
      )
    )
    const tx = scaleBySm3({ b1: 0, eps: 0 })
    const params = { scalar: ndarray(new Float32Array(1), []), number: 0 }
    const [u, state] = tx.update({ scalar: ndarray([3], []), number: -3 }, tx.init(params), params)
    expect([u.scalar.data, u.number]).toStrictEqual([Float32Array.of(1), -1])
    expect(state.mu).toStrictEqual([{ scalar: ndarray([9], []), number: 9 }])
    const [again] = tx.update({ scalar: ndarray([4], []), number: 4 }, state, params)
    expect([again.scalar.data, again.number]).toStrictEqual([Float32Array.of(0.8), 0.8])
  })

  test('is blind to the scale of the gradient when eps = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aShapedCourse, someOptions, fc.integer({ min: -8, max: 8 }), ({ shape, rows }, options, power) => {
        const tx = scaleBySm3({ ...options, eps: 0 })
        const course = asTrees(shape, rows)
        expect(emittedTrees(chain(scale(2 ** power), tx), course)).toStrictEqual(emittedTrees(tx, course))
      })
    )
  })

  test('takes steps no larger than those of AdaGrad', () => {
    fc.assert(
      fc.property(aShapedCourse, anEps, ({ shape, rows }, eps) => {
        const course = asTrees(shape, rows)
        const adagrad = emittedTrees(scaleByRss({ initialAccumulatorValue: 0, eps }), course)
        emittedTrees(scaleBySm3({ b1: 0, eps }), course).forEach((row, t) => {
          // Sums that are equal may be rounded in another order.
          row.forEach((u, i) => expect(Math.abs(u)).toBeLessThanOrEqual(Math.abs(adagrad[t]?.[i] ?? 0) * (1 + 1e-14)))
        })
      })
    )
  })

  test('lets the rows of a matrix be permuted', () => {
    const swapped = (row: readonly number[]) => [...row.slice(3), ...row.slice(0, 3)]
    const row = fc.array(aGradient, { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), someOptions, (rows, options) => {
        const tx = scaleBySm3(options)
        expect(emittedTrees(tx, asTrees([2, 3], rows.map(swapped)))).toStrictEqual(
          emittedTrees(tx, asTrees([2, 3], rows)).map(swapped)
        )
      })
    )
  })

  test('keeps m + n numbers for an m × n matrix', () => {
    const params = { matrix: ndarray(new Float32Array(200), [20, 10]), cube: ndarray(new Float32Array(24), [2, 3, 4]) }
    const state = scaleBySm3().init(params)
    // And a 0 for the third axis that the matrix has not.
    expect(tree.size(state.mu)).toBe(20 + 10 + 2 + 3 + 4 + 1)
    expect(state.mu.map((mu) => (mu as typeof params).cube.shape)).toStrictEqual([
      [2, 1, 1],
      [1, 3, 1],
      [1, 1, 4]
    ])
  })

  test('keeps finite numbers for arrays without elements', () => {
    const tx = scaleBySm3()
    const params = ndarray(new Float32Array(0), [0, 3])
    const [, state] = tx.update(params, tx.init(params), params)
    expect(state.mu).toStrictEqual([ndarray(new Float32Array(0), [0, 1]), ndarray(new Float32Array(3), [1, 3])])
  })

  test('matches its accumulators with the params by name', () => {
    const tx = scaleBySm3({ b1: 0, eps: 0 })
    const params = { a: ndarray(new Float32Array(4), [2, 2]), b: new Float32Array(2) }
    const grads = { b: Float32Array.of(3, 4), a: ndarray([1, 2, 3, 4], [2, 2]) }
    const [, state] = tx.update(grads, tx.init(params), params)
    const [mu0, mu1] = state.mu as readonly (typeof params)[]
    const turned = {
      ...state,
      mu: [
        { b: mu0?.b, a: mu0?.a },
        { b: mu1?.b, a: mu1?.a }
      ]
    } as typeof state
    expect(tx.update(grads, turned, params)).toStrictEqual(tx.update(grads, state, params))
  })

  test('leaves NaN NaN', () => {
    const tx = scaleBySm3()
    const [, state] = tx.update({ w: Number.NaN }, tx.init({ w: 0 }), { w: 0 })
    expect(tx.update({ w: 1 }, state, { w: 0 })[0].w).toBeNaN()
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleBySm3())
    const params = ndarray([1, 2], [1, 2], 'bfloat16')
    const tx = scaleBySm3()
    const [u, state] = tx.update(params, tx.init(params), params)
    expect([u.dtype, ...state.mu.map((mu) => (mu as typeof params).dtype)]).toStrictEqual([
      'bfloat16',
      'float32',
      'float32'
    ])
  })

  momentLaws('scaleBySm3', scaleBySm3, {
    odd: someOptions,
    defaults: { b1: 0.9, b2: 1, eps: 1e-8 },
    decays: ['b1'],
    nonNegative: ['eps']
  })

  const make = (options: object) => () => scaleBySm3(options as ScaleBySm3Options)
  refuses([
    ['scaleBySm3: b2 must be in [0, 1], got 1.1', make({ b2: 1.1 })],
    ['scaleBySm3: there is no option momentum; there are b1, b2, eps, accumulatorDtype', make({ momentum: 0.9 })]
  ])
})
