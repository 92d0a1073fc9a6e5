import { chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aGradient,
  average,
  expectDtypesKept,
  expectOracle,
  expectSame,
  last,
  near,
  refuses
} from '../internal/testing/courses.js'
import { emittedTrees, expectShaped, expectTable, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByFactoredRmsOptions, scaleByFactoredRms } from './scaleByFactoredRms.js'

const someOptions = fc.record({ decayRate: fc.constantFrom(0, 0.5, 0.8, 1), epsilon: fc.constantFrom(1e-30, 1e-6, 1) })
const aSizable = fc.double({ min: 0.1, max: 100, noNaN: true })

/** m × n matrices, row by row. */
const aMatrixCourse = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([m, n]) => {
  const numbers = fc.array(aGradient, { minLength: m * n, maxLength: m * n })
  return fc.record({ shape: fc.constant([m, n] as const), rows: fc.array(numbers, { minLength: 1, maxLength: 5 }) })
})

const asTrees = (shape: readonly number[], rows: readonly (readonly number[])[]) => ({
  params: ndarray(new Float64Array(rows[0]?.length ?? 0), shape),
  gradients: rows.map((row) => ndarray(Float64Array.from(row), shape))
})

/** The mean of a sequence in which the t-th, t = 1, 2, …, came in with the weight t^−c, from what weighs what is left. */
const drifting = (values: readonly number[], c: number): number =>
  values.reduce((mean, value, i) => {
    const weight = (i + 1) ** -c
    return weight * value + (1 - weight) * mean
  }, 0)

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

describe('scaleByFactoredRms', () => {
  test('is the update over the root of a drifting mean of its squares', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { decayRate, epsilon }) =>
        expectOracle(
          scaleByFactoredRms({ decayRate, epsilon }),
          course,
          (history) => {
            const squares = history.map((g) => g * g + epsilon)
            return last(history) / Math.sqrt(drifting(squares, decayRate))
          },
          // In float32 1e-30 is added to squares that are 1e-6 at least; beside zeros it is all there is.
          { in32: epsilon > 1e-30 }
        )
      )
    )
  })

  test('is, factored, the update over the root of the drifting means of rows and columns over their mean', () => {
    fc.assert(
      fc.property(aMatrixCourse, someOptions, ({ shape, rows }, { decayRate, epsilon }) => {
        const [m, n] = shape
        const tx = scaleByFactoredRms({ decayRate, epsilon, minDimSizeToFactor: 1 })
        emittedTrees(tx, asTrees(shape, rows)).forEach((found, t) => {
          const seen = rows.slice(0, t + 1).map((row) => row.map((g) => g * g + epsilon))
          const row = Array.from({ length: m }, (_, i) =>
            drifting(
              seen.map((s) => meanOf(s.slice(i * n, i * n + n))),
              decayRate
            )
          )
          const column = Array.from({ length: n }, (_, j) =>
            drifting(
              seen.map((s) => meanOf(s.filter((_, place) => place % n === j))),
              decayRate
            )
          )
          found.forEach((u, place) => {
            const [i, j] = [Math.floor(place / n), place % n]
            const square = ((row[i] as number) * (column[j] as number)) / meanOf(row)
            const wanted = (rows[t]?.[place] as number) / Math.sqrt(square)
            if (!near(u, wanted, wanted))
              throw new Error(`step ${t}, element ${place}: ${u}, the oracle says ${wanted}`)
          })
        })
      })
    )
  })

  // Optax computes its own decay rate in float32: for these it was given one in float64.
  test('is what Optax gives', () => {
    expectShaped(scaleByFactoredRms(), [
      [1, -1, 1, 1, 1, -1, 1, -1],
      [
        1.2683211277238602, 0.18960624915530333, -0.47644948337991694, -1.2119993433125504, 1.316125513688687,
        0.6627092274874905, 0, 0.47644948337991694
      ],
      [
        -0.7314124442690988, -1.2222478701895516, 0.07778451549788806, 0.7057736003385677, 0, 1.4163964270644998,
        0.24734771051425117, -0.305435951230755
      ],
      [
        0.35009273102957844, 0.686126626762074, 1.510930247152094, -0.7726233231983991, -0.3435256036706382,
        0.6079956207494396, -0.9928531521641306, 1.1331322008849627
      ],
      [
        1.5639037661174537, -0.08056186776786681, -0.9587579832231699, 0.1807778325973958, 0.7433288756513249,
        -1.5843796370929102, 0.5577974572388978, 0.06654257457203472
      ]
    ])
    expectShaped(scaleByFactoredRms({ minDimSizeToFactor: 2, decayRate: 0.6, epsilon: 0.1 }), [
      [
        0.44997207644061865, -1.0497777420592926, 1.0179365995840493, 2.1552581628626357, 0.31426145174135284,
        -0.8126119672745516, 0.9968895725584536, -0.9944903161976939
      ],
      [
        1.0648505508703463, 0.14064704123299177, -0.7352341963379723, -1.2028827768851094, 1.4299068826387202,
        0.31145235041283076, 0, 0.511512741775685
      ],
      [
        -0.6301720747691568, -1.2465780694480244, 0.09047488734022079, 0.7479435931303982, 0, 1.288602558596741,
        0.29580064394858446, -0.35127901054607474
      ],
      [
        0.2362268426436047, 0.6124364477196824, 1.5544066486656778, -1.1485264843067633, -0.4466466250971496,
        0.42510767009383815, -1.0849452089011444, 1.1686616238534084
      ],
      [
        1.4677137061473895, -0.0758198116089515, -0.9333333751713607, 0.18065212917079795, 0.9332208552061038,
        -1.3785412842682137, 0.6295433991894023, 0.07341111877654778
      ]
    ])
  })

  test('is odd in the gradient, and blind to its scale when epsilon = 0, exactly for powers of two', () => {
    const noZero = aMatrixCourse.map(({ shape, rows }) => ({ shape, rows: rows.map((r) => r.map((g) => g || 1)) }))
    fc.assert(
      fc.property(noZero, fc.integer({ min: -8, max: 8 }), fc.constantFrom(1, 128), ({ shape, rows }, power, least) => {
        const tx = scaleByFactoredRms({ epsilon: 0, minDimSizeToFactor: least })
        const course = asTrees(shape, rows)
        const updates = emittedTrees(tx, course)
        expect(emittedTrees(chain(scale(2 ** power), tx), course)).toStrictEqual(updates)
        expect(emittedTrees(chain(scale(-1), tx, scale(-1)), course)).toStrictEqual(updates)
      })
    )
  })

  test('emits ±1 at first where nothing is factored', () => {
    const course = { params: [0, 0], gradients: [[3, -1e-6]] }
    expectSame(scaleByFactoredRms(), scaleByFactoredRms({ factored: false }), course)
    expectTable(emittedTrees(scaleByFactoredRms(), asTrees([2], course.gradients)), [[1, -1]])
  })

  test('gives a leaf whose squares have rank 1 the same updates, factored or not', () => {
    const sides = fc.record({
      rows: fc.array(aSizable, { minLength: 3, maxLength: 3 }),
      columns: fc.array(aSizable, { minLength: 2, maxLength: 2 }),
      sizes: fc.array(aSizable, { minLength: 1, maxLength: 5 })
    })
    fc.assert(
      fc.property(sides, ({ rows, columns, sizes }) => {
        const course = asTrees(
          [3, 2],
          sizes.map((size) => rows.flatMap((r) => columns.map((c) => size * r * c)))
        )
        expectTable(
          emittedTrees(scaleByFactoredRms({ minDimSizeToFactor: 2 }), course),
          emittedTrees(scaleByFactoredRms({ factored: false }), course)
        )
      })
    )
  })

  test('factors the two longest axes, the later of equals being the longer, if both are long enough', () => {
    const shapesOf = (shape: readonly number[], options: ScaleByFactoredRmsOptions) => {
      const size = shape.reduce((a, b) => a * b, 1)
      const { vRow, vCol, v } = scaleByFactoredRms(options).init(ndarray(new Float32Array(size), shape))
      return [vRow, vCol, v].map((x) => (typeof x === 'number' ? x : (x as { readonly shape: unknown }).shape))
    }
    expect(shapesOf([4, 3], { minDimSizeToFactor: 3 })).toStrictEqual([[1, 3], [4, 1], 0])
    expect(shapesOf([3, 4], { minDimSizeToFactor: 3 })).toStrictEqual([[3, 1], [1, 4], 0])
    expect(shapesOf([3, 3], { minDimSizeToFactor: 3 })).toStrictEqual([[3, 1], [1, 3], 0])
    expect(shapesOf([5, 1, 4], { minDimSizeToFactor: 3 })).toStrictEqual([[1, 1, 4], [5, 1, 1], 0])
    expect(shapesOf([4, 3], { minDimSizeToFactor: 4 })).toStrictEqual([0, 0, [4, 3]])
    expect(shapesOf([4, 3], { minDimSizeToFactor: 3, factored: false })).toStrictEqual([0, 0, [4, 3]])
    expect(shapesOf([128, 128], {})).toStrictEqual([[128, 1], [1, 128], 0])
    expect(shapesOf([127, 500], {})).toStrictEqual([0, 0, [127, 500]])
    expect(shapesOf([], { minDimSizeToFactor: 1 })).toStrictEqual([0, 0, []])
  })

  test('takes any decay rate of the step and decayRate, with steps counted from stepOffset', () => {
    const asked: (readonly [number, number])[] = []
    const decayRateFn = (step: number, decayRate: number) => {
      asked.push([step, decayRate])
      return 0.5
    }
    const tx = scaleByFactoredRms({ decayRateFn, decayRate: 0.25, stepOffset: 2 })
    expectOracle(
      tx,
      SIX,
      (history) =>
        last(history) /
        Math.sqrt(
          average(
            history.map((g) => g ** 2 + 1e-30),
            0.5,
            1
          )
        ),
      {
        in32: false
      }
    )
    expect(asked.slice(0, 5)).toStrictEqual([0, 0, 0, 1, 2].map((step) => [step, 0.25]))
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByFactoredRms())
    expectDtypesKept(scaleByFactoredRms({ minDimSizeToFactor: 1 }))
    const params = ndarray([1, 2], [1, 2], 'bfloat16')
    const tx = scaleByFactoredRms({ minDimSizeToFactor: 1 })
    const [u, { vRow, vCol }] = tx.update(params, tx.init(params), params)
    expect([u, vRow, vCol].map((x) => (x as typeof params).dtype)).toStrictEqual(['bfloat16', 'float32', 'float32'])
  })

  momentLaws('scaleByFactoredRms', scaleByFactoredRms, {
    defaults: {
      factored: true,
      decayRate: 0.8,
      stepOffset: 0,
      minDimSizeToFactor: 128,
      epsilon: 1e-30,
      decayRateFn: (step: number, c: number) => 1 - (step + 1) ** -c
    },
    decays: [],
    nonNegative: ['decayRate', 'epsilon']
  })

  const make = (options: object) => () => scaleByFactoredRms(options as ScaleByFactoredRmsOptions)
  refuses([
    ['scaleByFactoredRms: factored must be true or false, got 1', make({ factored: 1 })],
    ['scaleByFactoredRms: stepOffset must be a finite number, got Infinity', make({ stepOffset: Infinity })],
    ['scaleByFactoredRms: minDimSizeToFactor must be a whole number ≥ 1, got 0', make({ minDimSizeToFactor: 0 })],
    ['scaleByFactoredRms: decayRateFn must be a function, got 0.8', make({ decayRateFn: 0.8 })],
    [
      'scaleByFactoredRms: the value of the schedule at step 0 must be a finite number, got undefined',
      () => {
        // @ts-expect-error -- a decay rate is a number
        const tx = scaleByFactoredRms({ decayRateFn: () => undefined })
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ],
    [
      'scaleByFactoredRms: there is no option eps; there are factored, decayRate, stepOffset, minDimSizeToFactor, epsilon, decayRateFn, accumulatorDtype',
      make({ eps: 1e-30 })
    ]
  ])
})
