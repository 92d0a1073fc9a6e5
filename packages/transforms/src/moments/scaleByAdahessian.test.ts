import {
  applyUpdates,
  chain,
  definitionOf,
  type GradientTransformation,
  mul,
  ndarray,
  type Operand,
  square,
  step,
  sum,
  type Tree,
  transformation,
  type Value
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, expectSameBlocks } from '../internal/testing/blocks.js'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  expectOracle,
  expectSame,
  last,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { ema } from '../momentum/ema.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdahessianOptions, scaleByAdahessian } from './scaleByAdahessian.js'
import { scaleByAdam } from './scaleByAdam.js'

/** With the loss ½ c Σ p², whose Hessian is c everywhere. */
const withQuadratic = <S>(
  tx: GradientTransformation<S, { objFn(params: Tree): Value }>,
  c = 1
): GradientTransformation<S> => {
  const { init, update } = definitionOf('withQuadratic', tx)
  const objFn = (params: Tree) => mul(0.5 * c, tree.squaredNorm(params))
  return transformation<S>({ init, update: (g, state, p) => update(g, state, p, { objFn }) })
}

/** An estimator that takes the gradients for diagonals. */
const gradients = () => transformation<Record<string, never>>({ init: () => ({}), update: (g, state) => [g, state] })

const someRates = fc.record({ b1: aDecay, b2: aDecay, eps: anEps })

describe('scaleByAdahessian', () => {
  test('with gradients for diagonals it is Adam', () => {
    fc.assert(
      fc.property(aCourse(), someRates, (course, rates) =>
        expectSame(scaleByAdahessian({ ...rates, hessianDiagonalFn: gradients() }), scaleByAdam(rates), course)
      )
    )
  })

  test('is Newton’s step on a quadratic', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, fc.constantFrom(0.25, 1, 8), (course, b2, c) =>
        expectOracle(withQuadratic(scaleByAdahessian({ b1: 0, b2, eps: 0 }), c), course, (h) => last(h) / c)
      )
    )
  })

  test('divides by a power of the curvature; by none it is a mean', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, fc.constantFrom(0, 0.25, 0.5), (course, b1, hessianPower) =>
        expectOracle(
          withQuadratic(scaleByAdahessian({ b1, eps: 0, hessianPower }), 16),
          course,
          (h) => unbiased(h, b1, 1) / 16 ** hessianPower,
          { scale: (absolute) => unbiased(absolute, b1, 1), in32: false }
        )
      )
    )
    fc.assert(
      fc.property(aCourse(), aDecay, (course, b1) =>
        expectSame(withQuadratic(scaleByAdahessian({ b1, eps: 0, hessianPower: 0 })), ema(b1), course, 1e-14)
      )
    )
  })

  test('keeps a diagonal until it is due anew', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, fc.constantFrom(1, 2, 3), (course, b2, updateInterval) =>
        expectOracle(
          scaleByAdahessian({ b1: 0, b2, eps: 1, updateInterval, hessianDiagonalFn: gradients() }),
          course,
          (history) => {
            const seen = history.map((_, t) => history[t - (t % updateInterval)] as number)
            return last(history) / (Math.sqrt(average(seen, b2, 2) / (1 - b2 ** seen.length)) + 1)
          },
          { scale: last, in32: false }
        )
      )
    )
  })

  test('is odd in the gradients', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const tx = withQuadratic(scaleByAdahessian())
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('averages magnitudes along the axes of a kernel', () => {
    const kernel = (numbers: readonly number[]) => ndarray(Float64Array.from(numbers), [1, 2, 2, 1])
    const tx = scaleByAdahessian({ b1: 0, eps: 0, spatialAxes: [2, 3], hessianDiagonalFn: gradients() })
    const params = { kernel: kernel([0, 0, 0, 0]), dense: Float64Array.of(0, 0) }
    const [u] = tx.update({ kernel: kernel([1, -3, 4, 0]), dense: Float64Array.of(2, -5) }, tx.init(params), params)
    // The means of |1|, |−3| and of |4|, |0| are 2.
    u.kernel.data.forEach((x, i) => {
      expect(Math.abs(x - ([0.5, -1.5, 2, 0][i] as number))).toBeLessThan(1e-15)
    })
    u.dense.forEach((x, i) => {
      expect(Math.abs(x - ([1, -1][i] as number))).toBeLessThan(1e-15)
    })
  })

  // timm 1.0.29, Adahessian(lr=0.1) on f = w² / 4 from w = 1, after steps 1, 2 and 10.
  test('is what timm gives on a diagonal quadratic', () => {
    const tx = chain(scaleByAdahessian(), scale(-0.1))
    const objFn = (w: Operand) => sum(mul(0.25, square(w)))
    let w = Float64Array.of(1)
    let state = tx.init(w)
    const path: number[] = []
    for (let t = 1; t <= 10; t++) {
      const [u, next] = tx.update(
        w.map((x) => x / 2),
        state,
        w,
        { objFn } as never
      )
      w = applyUpdates(w, u)
      state = next
      path.push(w[0] as number)
    }
    const wanted = { 0: 0.900000002, 1: 0.8052631616842, 9: 0.2314616945511 }
    for (const [t, x] of Object.entries(wanted)) expect(Math.abs((path[Number(t)] as number) - x)).toBeLessThan(1e-13)
  })

  test('asks for the loss when the diagonal is due, and then alone', () => {
    const tx = scaleByAdahessian({ updateInterval: 2 })
    const params = { w: Float64Array.of(1, 2) }
    const extra = { objFn: ({ w }: { w: Operand }) => sum(square(w)) }
    const [next, state] = step(tx, params, tx.init(params), params, extra)
    const loose = tx.update as unknown as (...given: readonly unknown[]) => readonly unknown[]
    expect(() => loose(params, tx.init(params), params)).toThrow('objFn')
    expect(loose(params, state, next)).toHaveLength(2)
  })

  const make = (options: object) => () => scaleByAdahessian(options as ScaleByAdahessianOptions)
  refuses([
    ['scaleByAdahessian: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdahessian: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByAdahessian: hessianPower must be in [0, 1], got 2', make({ hessianPower: 2 })],
    ['scaleByAdahessian: updateInterval must be a whole number ≥ 1, got 0', make({ updateInterval: 0 })],
    [
      'scaleByAdahessian: spatialAxes must be a list of axes of four, each of 0, 1, 2 and 3, got [4]',
      make({ spatialAxes: [4] })
    ],
    [
      'scaleByAdahessian: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ nuDtype: 32 })
    ]
  ])
})
