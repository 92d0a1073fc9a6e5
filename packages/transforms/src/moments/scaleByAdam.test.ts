import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  emitted,
  emittedFloat32,
  expectDtypesKept,
  expectFloat32InChain,
  expectGolden,
  expectOracle,
  expectSame,
  GOLDEN,
  last,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdamOptions, scaleByAdam } from './scaleByAdam.js'
import { scaleByRms } from './scaleByRms.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps, epsRoot: fc.oneof(fc.constant(0), anEps) })

describe('scaleByAdam', () => {
  test('is the weighted mean of past updates over the root of that of their squares', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot }) =>
        expectOracle(
          scaleByAdam({ b1, b2, eps, epsRoot }),
          course,
          (history) => unbiased(history, b1, 1) / (Math.sqrt(unbiased(history, b2, 2) + epsRoot) + eps)
        )
      )
    )
  })

  test('mixes, when nesterov, the mean of one step later with the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot }) =>
        expectOracle(scaleByAdam({ b1, b2, eps, epsRoot, nesterov: true }), course, (history) => {
          const t = history.length
          const later = average(history, b1, 1) / (1 - b1 ** (t + 1))
          const mean = b1 * later + ((1 - b1) * last(history)) / (1 - b1 ** t)
          return mean / (Math.sqrt(unbiased(history, b2, 2) + epsRoot) + eps)
        })
      )
    )
  })

  test("adds eps and epsRoot to the uncorrected moment when epsPlacement is 'hat'", () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, { b1, b2, eps, epsRoot }, nesterov) =>
        expectOracle(scaleByAdam({ b1, b2, eps, epsRoot, nesterov, epsPlacement: 'hat' }), course, (history) => {
          const t = history.length
          const later = average(history, b1, 1) / (1 - b1 ** (t + 1))
          const mean = nesterov ? b1 * later + ((1 - b1) * last(history)) / (1 - b1 ** t) : unbiased(history, b1, 1)
          return (mean * Math.sqrt(1 - b2 ** t)) / (Math.sqrt(average(history, b2, 2) + epsRoot) + eps)
        })
      )
    )
  })

  test("is what Keras gives when epsPlacement is 'hat': lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + eps)", () => {
    const found = emitted(scaleByAdam({ b1: 0.5, b2: 0.75, eps: 1, epsPlacement: 'hat' }), {
      params: [0],
      gradients: [[2], [-1]]
    })
    // m = 1, v = 1; then m = 0, v = 1; then nothing is left of the first.
    expect(found).toStrictEqual([[(2 * 0.5) / 2], [0]])
  })

  test('does not care where eps stands in the limit of many steps, nor when it is 0', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot }) => {
        expectSame(scaleByAdam({ b1, b2, eps: 0, epsPlacement: 'hat' }), scaleByAdam({ b1, b2, eps: 0 }), course)
        const late = (epsPlacement: 'hat' | 'outside') => {
          const tx = scaleByAdam({ b1, b2, eps, epsRoot, epsPlacement })
          return tx.update({ w: 3 }, { count: 1e6, mu: { w: 2 }, nu: { w: 1 } }, { w: 0 })[0]
        }
        expect(late('hat')).toStrictEqual(late('outside'))
      })
    )
  })

  test('is what Optax gives', () => {
    expectGolden(scaleByAdam(), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.9177811107730564, -0.5725345717104448, 0.4002185701642345],
      [0.3670263299493123, -0.7641809607938896, 0.33438381846404885],
      [0.30064563617656664, -0.39714762279154986, 0.625791725708417]
    ])
    expectGolden(scaleByAdam({ nesterov: true }), [
      [1.473684181052632, -1.4736842031578947, 1.473684205614035],
      [1.2851019640770611, -0.26892291631584514, 0.01711375262043727],
      [-0.01359864147759585, -0.9921509786600893, 0.2624065301186579],
      [0.22722969122367992, -0.1069542710260877, 0.9289687500438216]
    ])
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, nesterov) => {
        const tx = scaleByAdam({ ...options, nesterov })
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('is blind to the scale of the gradient when eps = epsRoot = 0, exactly for powers of two', () => {
    const noZero = aCourse().map(({ params, gradients }) => ({
      params,
      gradients: gradients.map((row) => row.map((g) => g || 1))
    }))
    fc.assert(
      fc.property(noZero, aDecay, aDecay, fc.integer({ min: -8, max: 8 }), (course, b1, b2, power) => {
        const tx = scaleByAdam({ b1, b2, eps: 0 })
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('emits ±1 at first when eps = epsRoot = 0', () => {
    const tx = scaleByAdam({ eps: 0 })
    const [found = []] = emitted(tx, { params: [0, 0, 0], gradients: [[1e-9, -3, 1e9]] })
    // √(g² (1 − β₂) / (1 − β₂)) and g (1 − β₁) / (1 − β₁) round a few times.
    expect(found.every((u, i) => near(u, [1, -1, 1][i] as number, 1, 1e-15))).toBe(true)
  })

  test('is, for b1 = 0, scaleByRms with bias correction and eps outside the root, to the bit', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, anEps, (course, b2, eps) =>
        expectSame(
          scaleByAdam({ b1: 0, b2, eps }),
          scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
          course
        )
      )
    )
  })

  test('keeps its first moment in the dtype asked for, and its updates in that of the gradient', () => {
    const tx = scaleByAdam({ b1: 0.5, muDtype: 'bfloat16' })
    const params = { w: new Float32Array(1), b: 0 }
    const grads = { w: new Float32Array([2.00390625]), b: 2 }
    const state = tx.init(params)
    const zero = { dtype: 'bfloat16', shape: [1], data: new Uint16Array(1) }
    expect(state).toStrictEqual({ count: 0, mu: { w: zero, b: 0 }, nu: { w: new Float32Array(1), b: 0 } })
    const [updates, next] = tx.update(grads, state, params)
    // What is kept is rounded to 8 bits, 1; what is emitted is 2.0039 / (2.0039 + eps).
    expect(updates.w).toStrictEqual(Float32Array.of(1))
    expect(next.mu).toStrictEqual({ w: { dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x3f80) }, b: 1 })
    expect(tx.update(grads, next, params)[0].w).toBeInstanceOf(Float32Array)
  })

  test('emits float32 for float32 also inside a chain when its first moment is float64', () => {
    expectFloat32InChain(scaleByAdam({ muDtype: 'float64' }))
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const muDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByAdam({ muDtype }))
    }
  })

  test('is within float32 rounding of float64', () => {
    const [wide, narrow] = [emitted(scaleByAdam(), GOLDEN), emittedFloat32(scaleByAdam(), GOLDEN)]
    // Bias corrections are float64: 1 − 0.999 keeps its digits.
    wide.forEach((row, t) => {
      row.forEach((u, i) => {
        expect(near(narrow[t]?.[i] as number, u, 1, 5e-7)).toBe(true)
      })
    })
  })

  momentLaws('scaleByAdam', scaleByAdam, {
    defaults: {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      epsRoot: 0,
      muDtype: undefined,
      nesterov: false,
      epsPlacement: 'outside' as const
    },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByAdam(options as ScaleByAdamOptions)
  refuses([
    ['scaleByAdam: epsPlacement must be one of "outside", "hat", got "inside"', make({ epsPlacement: 'inside' })],
    ['scaleByAdam: nesterov must be true or false, got 0', make({ nesterov: 0 })],
    [
      'scaleByAdam: muDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
      make({ muDtype: 'half' })
    ],
    [
      'scaleByAdam: there is no option beta1; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement',
      make({ beta1: 0.9 })
    ],
    // @ts-expect-error -- the options are one object
    ['scaleByAdam: options must be an object, got 0.9', () => scaleByAdam(0.9)]
  ])
})

test('a first moment of 16 bits, which has a shape, leaves bare what comes after it', () => {
  const tx = chain(scaleByAdam({ muDtype: 'bfloat16' }), scaleByAdam())
  const params = { w: new Float32Array([1, 2]) }
  const [, [, { mu, nu }]] = tx.update(params, tx.init(params), params)
  for (const moment of [mu, nu]) expect((moment as typeof params).w).toBeInstanceOf(Float32Array)
})
