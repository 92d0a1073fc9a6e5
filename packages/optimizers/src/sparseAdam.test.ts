import { applyUpdates, chain, type GradientTransformation, ndarray, sparseRows, step } from '@gradchain/core'
import { clipByGlobalNorm, injectHyperparams, masked, multiSteps, partition } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { adam } from './adam.js'
import { type SparseAdamOptions, sparseAdam } from './sparseAdam.js'

/** A row after a step in which it is used, and one in which another is. */
const secondRow = <S>(tx: GradientTransformation<S>): number | undefined => {
  const params = { w: new Float32Array([1, 2.5]), b: new Float32Array([3]) }
  const row = (i: number) => ({ w: sparseRows([i], new Float32Array([2 ** 20]), [2]), b: new Float32Array([1]) })
  const [first, state] = step(tx, row(1), tx.init(params), params)
  first.w[1] = 2
  return step(tx, row(0), state, first)[0].w[1]
}

describe('sparseAdam', () => {
  const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps })

  test('for dense gradients is Adam with its eps under the hat', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) =>
        expectSame(sparseAdam(rate, options), adam(rate, { ...options, epsPlacement: 'hat' }), course)
      )
    )
  })

  test('a row that comes again has the moments that it had, and the correction of the step', () => {
    const tx = sparseAdam(1, { b1: 0.5, b2: 0.5, eps: 0 })
    const params = { w: ndarray(new Float64Array([1, 2]), [2, 1]) }
    const row = (i: number, g: number) => ({ w: sparseRows([i], new Float64Array([g]), [2, 1]) })
    const [first, state] = step(tx, row(0, 3), tx.init(params), params)
    expect(first.w.data).toStrictEqual(new Float64Array([0, 2]))
    const [second, after] = step(tx, row(1, 3), state, first)
    expect(second.w.data[0]).toBe(0)
    const [updates, { 0: moments }] = tx.update(row(0, 0), after, second)
    expect((moments.mu as typeof params).w.data).toStrictEqual(new Float64Array([0.75, 1.5]))
    expect((moments.nu as typeof params).w.data).toStrictEqual(new Float64Array([2.25, 4.5]))
    expect(updates.w.data[1]).toBe(-0)
    expect(applyUpdates(second, updates).w.data[1]).toBe(second.w.data[1])
    expect(moments.count).toBe(3)
    expect(updates.w.data[0]).toBeCloseTo((-Math.sqrt(0.875) / 0.875) * (0.75 / 1.5), 12)
  })

  test.each([
    ['partition', () => secondRow(partition({ rows: sparseAdam(0.5), rest: adam(0.5) }, { w: 'rows', b: 'rest' }))],
    ['masked', () => secondRow(masked(sparseAdam(0.5), { w: true, b: false }))],
    ['injectHyperparams', () => secondRow(injectHyperparams(({ rate }) => sparseAdam(rate), { rate: 0.5 }))],
    ['a chain', () => secondRow(chain(clipByGlobalNorm(1), sparseAdam(0.5)))]
  ])('in %s the other rows stay as they are', (_, found) => {
    expect(found()).toBe(2)
  })

  test('of several mini-batches all rows are used', () => {
    expect(secondRow(multiSteps(sparseAdam(0.5), 1))).toBeLessThan(1.9)
  })

  aliasLaws(sparseAdam)

  const make = (options: object) => () => sparseAdam(0.1, options as SparseAdamOptions)
  refuses([
    ['scaleByAdam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['sparseAdam: there is no option nesterov; there are b1, b2, eps', make({ nesterov: true })]
  ])
})
