import { applyUpdates, mul, type Operand, square, sum, type Value } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { hutchinsonEstimatorDiagHessian } from './hutchinsonEstimatorDiagHessian.js'

/** f = (Σ w)² / 2 and its Hessian of ones. */
const objFn = ({ w }: { readonly w: Operand }): Value => mul(0.5, square(sum(w)))

describe('hutchinsonEstimatorDiagHessian', () => {
  test('has the diagonal as its mean over many signs', () => {
    const tx = hutchinsonEstimatorDiagHessian({ key: 3 })
    const params = { w: Float64Array.of(1, 2, 3) }
    let state = tx.init(params)
    let total = { w: new Float64Array(3) }
    const runs = 400
    for (let t = 0; t < runs; t++) {
      const [estimate, next] = tx.update(params, state, params, { objFn })
      total = applyUpdates(total, estimate)
      state = next
    }
    // One estimate is rᵢ Σ rⱼ, of variance 2; the mean of 400 is within 0.3 but once in 10⁵ times.
    for (const x of total.w) expect(Math.abs(x / runs - 1)).toBeLessThan(0.3)
  })

  test('draws other signs at each update, and the same for the same key', () => {
    const params = { w: new Float64Array(64) }
    const signs = (key: number) => {
      const tx = hutchinsonEstimatorDiagHessian({ key })
      const [first, state] = tx.update(params, tx.init(params), params, { objFn })
      return [first, tx.update(params, state, params, { objFn })[0]]
    }
    expect(signs(1)).toStrictEqual(signs(1))
    expect(signs(1)[0]).not.toStrictEqual(signs(1)[1])
    expect(signs(1)).not.toStrictEqual(signs(2))
  })

  refuses([
    [
      'hutchinsonEstimatorDiagHessian: objFn must be a function, got undefined',
      () => {
        const tx = hutchinsonEstimatorDiagHessian()
        // @ts-expect-error -- the loss is missing
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])

  test('refuses what is no key', () => {
    expect(() => hutchinsonEstimatorDiagHessian({ key: 0.5 })).toThrow('hutchinsonEstimatorDiagHessian: key must be')
  })
})
