import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  aRate,
  type Course,
  emitted,
  expectDtypesKept,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { expectFloat32Inside, expectShaped, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByNovogradOptions, scaleByNovograd } from './scaleByNovograd.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps, epsRoot: anEps })

/** The updates of one vector, and the size of what is added up in them. */
const updatesOf = (
  { params, gradients }: Course,
  { b1, b2, eps, epsRoot }: { b1: number; b2: number; eps: number; epsRoot: number },
  weightDecay: (step: number) => number
) => {
  const squares = gradients.map((row) => row.reduce((sum, g) => sum + g * g, 0))
  const normAt = (t: number): number =>
    squares.slice(0, t + 1).reduce((sum, s, i) => sum + (i === 0 ? 1 : 1 - b2) * b2 ** (t - i) * s, 0)
  const termsAt = (t: number, i: number): readonly number[] => {
    const g = (gradients[t]?.[i] as number) / (Math.sqrt(normAt(t) + epsRoot) + eps)
    return [g, weightDecay(t) * (params[i] as number)]
  }
  return gradients.map((row, t) =>
    row.map((_, i) => {
      const terms = gradients.slice(0, t + 1).flatMap((_, s) => termsAt(s, i).map((x) => b1 ** (t - s) * x))
      return [terms.reduce((a, b) => a + b, 0), terms.reduce((a, b) => a + Math.abs(b), 0)] as const
    })
  )
}

describe('scaleByNovograd', () => {
  test('is the decaying sum of updates over the root of their mean squared norm, and of shares of the params', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, aRate, (course, options, rate) => {
        const decay = linearSchedule({ initValue: rate, endValue: 0, transitionSteps: 4 })
        const wanted = updatesOf(course, options, decay)
        const found = emitted(scaleByNovograd({ ...options, weightDecay: decay }), course)
        found.forEach((row, t) => {
          row.forEach((u, i) => {
            const [sum, size] = wanted[t]?.[i] ?? [0, 0]
            if (!near(u, sum, size)) throw new Error(`step ${t}, element ${i}: ${u}, the oracle says ${sum}`)
          })
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectShaped(scaleByNovograd(), [
      [
        0.12777531267345738, -0.5111012506938295, 0.7666518760407443, 0.25555062534691475, 0.06388765633672869,
        -0.25555062534691475, 0.7999999984, -0.5999999988
      ],
      [
        0.48710198425066015, -0.3979737584836885, 0.4419172198736375, -0.2661433743138414, 0.8017072963921528,
        -0.10596082853070711, 0.7199999985600001, -0.16203552733934423
      ],
      [
        0.21474615800544025, -0.9545647234890634, 0.4349997691896328, 0.0586651335444146, 0.7215365667529375,
        0.5010235951761073, 0.9909971666360766, -0.4888291425374863
      ],
      [
        0.26605706983237015, -0.6164898257152441, 1.3619734939703214, -0.18981980523493985, 0.5280736973651873,
        0.6328850547271814, 0.10931187216344049, 0.3426393495252908
      ],
      [
        0.692686533552025, -0.5775026016788644, 0.6592321811946744, -0.12551430764115667, 0.7018839129801145,
        -0.11025620679987468, 0.745184623676227, 0.37305580844567476
      ]
    ])
    expectShaped(scaleByNovograd({ b1: 0.7, b2: 0.6, eps: 0.1, epsRoot: 0.2, weightDecay: 0.05 }), [
      [
        0.17380555131951608, -0.5952222052780644, 0.7678333079170965, 0.3976111026390322, 0.07440277565975804,
        -0.2976111026390322, 0.8812560792702586, -0.610942059452694
      ],
      [
        0.5373781988382094, -0.455703158208887, 0.31867377359893545, -0.05929131203874157, 0.7960105687909268,
        -0.13642300087580647, 0.716879255489181, -0.20572656595131167
      ],
      [
        0.22758315610266835, -0.9485430989704293, 0.28116857203326784, 0.3732715256849852, 0.5697073981536487,
        0.384054787611144, 0.7578297539853137, -0.32502287130880525
      ],
      [
        0.2830380210172343, -0.5182141301280789, 1.204882157028174, 0.16552402882826803, 0.28841215913194324,
        0.403162880691217, -0.012472070560047222, 0.3904368884336031
      ],
      [
        0.7130968095326393, -0.485998400830684, 0.2872047663940026, 0.31236383966184517, 0.4468736088026479,
        -0.4652412757470112, 0.48596513262291097, 0.2877753801050165
      ]
    ])
  })

  test('is odd in the gradient without weight decay', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(chain(scale(-1), scaleByNovograd(options)), chain(scaleByNovograd(options), scale(-1)), course)
      )
    )
  })

  test('is blind to the scale of the gradient when eps = epsRoot = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aDecay, aDecay, fc.integer({ min: -8, max: 8 }), (b1, b2, power) => {
        const tx = scaleByNovograd({ b1, b2, eps: 0 })
        expectSame(chain(scale(2 ** power), tx), tx, SIX)
      })
    )
  })

  test('gives each leaf a first update of norm 1, whatever the others are, and keeps a number for each', () => {
    const tx = scaleByNovograd({ eps: 0 })
    const params = { w: new Float64Array(2), layers: [0, null], e: new Float64Array(0) }
    const grads = { w: Float64Array.of(3e3, -4e3), layers: [-1e-3, null], e: new Float64Array(0) }
    const [u, state] = tx.update(grads, tx.init(params), params)
    expect(tx.init(params).nu).toStrictEqual({ w: 0, layers: [0, null], e: 0 })
    expect(u).toStrictEqual({ w: Float64Array.of(0.6, -0.8), layers: [-1, null], e: new Float64Array(0) })
    expect(state.nu).toStrictEqual({ w: 25e6, layers: [1e-6, null], e: 0 })
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(
          scaleByNovograd({ weightDecay: rate }),
          scaleByNovograd({ weightDecay: constantSchedule(rate) }),
          course
        )
      )
    )
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const muDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByNovograd({ muDtype }))
    }
    expect(scaleByNovograd({ muDtype: 'float64' }).init([new Float32Array(1)]).mu).toStrictEqual([new Float64Array(1)])
    expectFloat32Inside(scaleByNovograd({ muDtype: 'float64' }))
  })

  momentLaws('scaleByNovograd', scaleByNovograd, {
    defaults: { b1: 0.9, b2: 0.25, eps: 1e-8, epsRoot: 0, weightDecay: 0, muDtype: undefined },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByNovograd(options as ScaleByNovogradOptions)
  refuses([
    ['scaleByNovograd: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    [
      'scaleByNovograd: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ muDtype: 32 })
    ],
    [
      'scaleByNovograd: the value of the schedule at step 0 must be a finite number, got "much"',
      () => {
        // @ts-expect-error -- a schedule gives numbers
        const tx = scaleByNovograd({ weightDecay: () => 'much' })
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ],
    [
      'scaleByNovograd: there is no option mask; there are b1, b2, eps, epsRoot, weightDecay, muDtype',
      make({ mask: true })
    ]
  ])
})
