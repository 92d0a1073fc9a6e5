import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  emitted,
  expectOracle,
  expectSame,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectSix, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdanOptions, scaleByAdan } from './scaleByAdan.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  b3: aDecay,
  eps: anEps,
  epsRoot: anEps,
  differenceWeight: fc.constantFrom(undefined, 0, 0.5, 2)
})

const changes = (history: readonly number[]) => history.map((g, i) => (i === 0 ? 0 : g - (history[i - 1] as number)))

describe('scaleByAdan', () => {
  test('is the mean of past updates and of their changes over the root of that of squares looked ahead for', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, b3, eps, epsRoot, differenceWeight }) => {
        const w = differenceWeight ?? b2
        const over = (history: readonly number[]) => {
          const d = changes(history)
          const ahead = history.map((g, i) => g + w * (d[i] as number))
          return Math.sqrt(unbiased(ahead, b3, 2) + epsRoot) + eps
        }
        const lead = (history: readonly number[], d: readonly number[]) =>
          unbiased(history, b1, 1) + w * unbiased(d, b2, 1)
        expectOracle(
          scaleByAdan({ b1, b2, b3, eps, epsRoot, differenceWeight }),
          course,
          (h) => lead(h, changes(h)) / over(h),
          {
            // A change may be as large as both its gradients, and cancel.
            scale: (absolute, _, history) =>
              lead(
                absolute,
                absolute.map((g, i) => g + (absolute[i - 1] ?? 0))
              ) / over(history),
            in32: false
          }
        )
      })
    )
  })

  // The formulas of the authors' class, run in PyTorch.
  test("is what the authors' code gives", () => {
    expectSix(scaleByAdan(), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.8474620955436464, 0.09899234115966249, -0.2380907358255123],
      [-0.015723742712040384, -0.44434267601075406, -0.04904498521097919],
      [0.09444327568696076, 0.02052695835524526, 0.40826287638770664],
      [0.15866085007335193, -0.07865426235667083, -0.07002530841225531],
      [-0.13958801269418974, 0.028499629240209517, 0.09676497663483052]
    ])
    expectSix(scaleByAdan({ b1: 0.7, b2: 0.6, b3: 0.8, eps: 0.1 }), [
      [0.8333333333333334, -0.9523809523809523, 0.9677419354838709],
      [0.8605508965518303, 0.0885613064505259, -0.2562657262050966],
      [-0.13333716027484088, -0.5879301988018194, 0.006978265874994782],
      [0.05262788837245279, 0.10891181963744692, 0.6215704213193148],
      [0.17659330317218225, -0.07728195950465608, -0.18538735511088886],
      [-0.3799262088454701, 0.14746623258123712, 0.15024784684761522]
    ])
  })

  test('is what Optax gives when the change of the gradient is weighed with 1 − β₂', () => {
    expectSix(scaleByAdan({ differenceWeight: 1 - 0.92 }), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.8913981812046069, -0.5334529658000938, 0.3514499526442603],
      [0.33668799909479036, -0.7269766366974524, 0.3257715237937928],
      [0.3080233914090797, -0.3750131478317838, 0.580484052365681],
      [0.3489503193766324, -0.3621302437534319, 0.21757096848981994],
      [0.013376468597249433, -0.2193277098800897, 0.2836829511012015]
    ])
    expectSix(scaleByAdan({ b1: 0.7, b2: 0.6, b3: 0.8, eps: 0.1, epsRoot: 0.2, differenceWeight: 1 - 0.6 }), [
      [0.6486595377840192, -0.9304964931703673, 0.9575027783309968],
      [0.8250220632196612, -0.06523912252435365, -0.12084711292489285],
      [-0.051644853800667544, -0.6192783856070364, 0.06409512585703595],
      [0.0739791114545432, 0.03045915323978032, 0.6297445455245781],
      [0.18209913462471908, -0.10538946868520098, -0.12566838507319242],
      [-0.34159653832525066, 0.12221669588769354, 0.1637668629608469]
    ])
  })

  test('is blind to the scale of the gradient when eps = epsRoot = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aDecay, aDecay, aDecay, fc.integer({ min: -8, max: 8 }), (b1, b2, b3, power) => {
        const tx = scaleByAdan({ b1, b2, b3, eps: 0 })
        const { params, gradients } = SIX
        const course = { params, gradients: gradients.map((row) => row.map((g) => g || 1)) }
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('emits ±1 for a gradient that stays the same when eps = epsRoot = 0', () => {
    const found = emitted(scaleByAdan({ eps: 0 }), { params: [0, 0], gradients: new Array(5).fill([1e-9, -3]) })
    // Both averages round, and so do their corrections.
    for (const [u, v] of found) expect([near(u ?? 0, 1, 1, 1e-14), near(v ?? 0, -1, 1, 1e-14)]).toEqual([true, true])
  })

  test('keeps the gradient in its state, in a buffer of its own', () => {
    const tx = scaleByAdan()
    const params = { w: new Float32Array(1) }
    const grads = { w: Float32Array.of(3) }
    const [, state] = tx.update(grads, tx.init(params), params)
    grads.w[0] = 7
    expect(state.g).toStrictEqual({ w: Float32Array.of(3) })
  })

  momentLaws('scaleByAdan', scaleByAdan, {
    odd: someOptions,
    defaults: { b1: 0.98, b2: 0.92, b3: 0.99, eps: 1e-8, epsRoot: 0, differenceWeight: 0.92 },
    decays: ['b1', 'b2', 'b3'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByAdan(options as ScaleByAdanOptions)
  refuses([
    ['scaleByAdan: differenceWeight must be a finite number, got NaN', make({ differenceWeight: Number.NaN })],
    [
      'scaleByAdan: there is no option b4; there are b1, b2, b3, eps, epsRoot, differenceWeight, accumulatorDtype',
      make({ b4: 0.9 })
    ]
  ])
})
