import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  emitted,
  expectOracle,
  expectSame,
  last,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { ema } from '../momentum/ema.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByRadamOptions, scaleByRadam } from './scaleByRadam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: fc.oneof(fc.constant(0), anEps),
  threshold: fc.constantFrom(4.1, 4.5, 5, 6),
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})

describe('scaleByRadam', () => {
  test('is the weighted mean of past updates, over the root of that of their squares as far as that is known', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectOracle(scaleByRadam(options), course, (history) => {
          const { b1, b2, eps, epsRoot, threshold, nesterov, epsPlacement } = options
          const t = history.length
          const later = average(history, b1, 1) / (1 - b1 ** (t + 1))
          const mean = nesterov ? b1 * later + ((1 - b1) * last(history)) / (1 - b1 ** t) : unbiased(history, b1, 1)
          const most = (1 + b2) / (1 - b2)
          const length = most - (2 * t) / (b2 ** -t - 1)
          if (length < threshold) return mean
          const share = ((length - 4) / (most - 4)) * ((length - 2) / (most - 2)) * (most / length)
          const c = epsPlacement === 'hat' ? 1 - b2 ** t : 1
          return (Math.sqrt(share) * mean) / (Math.sqrt(unbiased(history, b2, 2) + epsRoot / c) + eps / Math.sqrt(c))
        })
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByRadam(), [
      [0.5, -2, 3],
      [1.0263157894736843, -0.8157894736842106, 0.8947368421052633],
      [0.3708487084870849, -1.2527675276752768, 0.6107011070110702],
      [0.2630125036347775, -0.59770282058738, 1.5962489095667345],
      [0.2720446387145613, -0.4761666381773339, 0.5959683524211865],
      [-0.0012431846068726071, -0.0046075477571938155, 0.007481514451905409]
    ])
    expectSix(scaleByRadam({ b1: 0.7, b2: 0.9, eps: 0.1, epsRoot: 0.2, threshold: 4.1, nesterov: true }), [
      [0.7058823529411764, -2.8235294117647056, 4.23529411764706],
      [1.4736771420897128, -0.22052108514638732, -0.23663712060166547],
      [-0.19185383080326, -1.6884097943673195, 0.3044128012517869],
      [0.09630016948541342, 0.15157721971743576, 2.7469998023849422],
      [0.03874421697999116, -0.023471036141663796, -0.04164935133748442],
      [-0.139935694410349, 0.05103585528843471, 0.07075168333059169]
    ])
  })

  test('is what PyTorch gives when eps = 0', () => {
    // Where all gradients so far are 0, PyTorch has 0 / 0, too; there are none such in the table.
    expectSix(scaleByRadam({ b1: 0.7, b2: 0.95, eps: 0 }), [
      [0.5, -2, 3],
      [1.0882352941176474, -0.6764705882352942, 0.6470588235294118],
      [0.24885844748858457, -1.2808219178082194, 0.408675799086758],
      [0.1506119226213976, -0.3803789972364785, 1.8264903276746942],
      [0.20448234827449424, -0.2792722945440121, 0.2663264938155855],
      [-0.05706989092520956, 0.007978537132099542, 0.04008980457790019]
    ])
  })

  test('is ema(b1) before the threshold, to the bit', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, b1) => expectSame(scaleByRadam({ b1, threshold: 1e9 }), ema(b1), course))
    )
  })

  test('is scaleByAdam in the limit of many steps', () => {
    const gradients = Array.from({ length: 400 }, (_, t) => [Math.sin(t), 1 / (1 + t)])
    const course = { params: [0, 0], gradients }
    const [ours, adams] = [scaleByRadam({ b2: 0.9 }), scaleByAdam({ b2: 0.9 })].map((tx) => emitted(tx, course).at(-1))
    // 400 · 0.9⁴⁰⁰ is 2e-16.
    expect(ours?.every((u, i) => near(u, adams?.[i] as number, 1, 1e-13))).toBe(true)
  })

  momentLaws('scaleByRadam', scaleByRadam, {
    odd: someOptions,
    defaults: {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      epsRoot: 0,
      threshold: 5,
      nesterov: false,
      epsPlacement: 'outside'
    },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByRadam(options as ScaleByRadamOptions)
  refuses([
    ['scaleByRadam: threshold must be a finite number ≥ 4, got 3', make({ threshold: 3 })],
    ['scaleByRadam: threshold must be a finite number ≥ 4, got Infinity', make({ threshold: Infinity })],
    ['scaleByRadam: epsPlacement must be one of "outside", "hat", got null', make({ epsPlacement: null })],
    ['scaleByRadam: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    [
      'scaleByRadam: there is no option momentDtype; there are b1, b2, eps, epsRoot, muDtype, nuDtype, threshold, nesterov, epsPlacement',
      make({ momentDtype: 'float32' })
    ]
  ])
})
