import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  expectDtypesKept,
  expectOracle,
  expectSame,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectFloat32Inside, expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByAmsgradOptions, scaleByAmsgrad } from './scaleByAmsgrad.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: fc.oneof(fc.constant(0), anEps),
  biasCorrectionMu: fc.boolean(),
  biasCorrectionNu: fc.boolean(),
  maxOn: fc.constantFrom('corrected' as const, 'raw' as const),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})

const beginnings = (history: readonly number[]) => history.map((_, i) => history.slice(0, i + 1))

describe('scaleByAmsgrad', () => {
  test('is the weighted mean of past updates over the root of the largest that of their squares has been', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const { b1, b2, eps, epsRoot, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement } = options
        expectOracle(scaleByAmsgrad(options), course, (history) => {
          const mean = biasCorrectionMu ? unbiased(history, b1, 1) : average(history, b1, 1)
          const isOfCorrected = biasCorrectionNu && maxOn === 'corrected'
          const squares = beginnings(history).map((h) => (isOfCorrected ? unbiased(h, b2, 2) : average(h, b2, 2)))
          const isCorrected = biasCorrectionNu && maxOn === 'raw'
          const largest = Math.max(...squares) / (isCorrected ? 1 - b2 ** history.length : 1)
          const c = biasCorrectionNu && epsPlacement === 'hat' ? 1 - b2 ** history.length : 1
          return mean / (Math.sqrt(largest + epsRoot / c) + eps / Math.sqrt(c))
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByAmsgrad(), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.9177811107730564, -0.40789473480263166, 0.2982456130409357],
      [0.3316308129475165, -0.6263837607057196, 0.20356703499179996],
      [0.23519847420150994, -0.29885140879943295, 0.5320829680819683],
      [0.2432754452967586, -0.23808331789825038, 0.19865611681154177],
      [-0.0376653453894536, -0.11257440308746872, 0.22739896785285793]
    ])
    expectSix(scaleByAmsgrad({ b1: 0.7, b2: 0.8, eps: 0.1, epsRoot: 0.2 }), [
      [0.6486595377840192, -0.9304964931703673, 0.9575027783309968],
      [0.8064321567305898, -0.31472675504291836, 0.2065202070909993],
      [0.18441549875623628, -0.5959001514481462, 0.13043607102073698],
      [0.11161032751413746, -0.17697066150210206, 0.5829565211144041],
      [0.15153077833782225, -0.1299309453564226, 0.08500278592385863],
      [-0.2023371371893364, 0.0249749995451136, 0.1646189954095872]
    ])
    expectSix(scaleByAmsgrad({ b1: 0.7, b2: 0.8, biasCorrectionMu: false, biasCorrectionNu: false }), [
      [0.6708203632499384, -0.6708203857499372, 0.6708203882499372],
      [0.7928571315306124, -0.38572172180621384, 0.24596747569164357],
      [0.23019037774093493, -0.7318774882817702, 0.20012808249456454],
      [0.16113326441865444, -0.25139535114420164, 0.6730883663903982],
      [0.23950358476696726, -0.20206863486624488, 0.10272975200595388],
      [-0.3217400464746821, 0.04119517905075485, 0.21100736963882208]
    ])
  })

  test("is what PyTorch gives when maxOn is 'raw'", () => {
    expectSix(scaleByAmsgrad({ maxOn: 'raw' }), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.9177811107730561, -0.5725345717104448, 0.4002185701642345],
      [0.3670263299493123, -0.7641809607938895, 0.33438381846404885],
      [0.3004952757606897, -0.39714762279154986, 0.625791725708417],
      [0.3427479756028754, -0.35363007790488526, 0.2345709111701728],
      [-0.048146050730884245, -0.17844109944449915, 0.2897440752998262]
    ])
    expectSix(scaleByAmsgrad({ b1: 0.7, b2: 0.8, eps: 0.1, maxOn: 'raw' }), [
      [0.8333333333333334, -0.9523809523809523, 0.9677419354838709],
      [0.8591331269349846, -0.42526277202554286, 0.27698629909816913],
      [0.22283864782621324, -0.73361322231294, 0.20225936109494383],
      [0.14702529587570107, -0.23827563415857453, 0.6561455063060688],
      [0.21162497732141053, -0.18590177126301707, 0.09754225979361886],
      [-0.2809867439435326, 0.03731643395246387, 0.1975517284072621]
    ])
  })

  test('is scaleByAdam as long as the magnitude of the gradient does not fall', () => {
    const growing = aCourse().map(({ params, gradients }) => ({
      params,
      gradients: gradients.map((row, t) => row.map((g) => (g < 0 ? -1 : 1) * (1 + (Math.abs(g) % 1) + 2 * t)))
    }))
    fc.assert(
      fc.property(growing, aDecay, aDecay, anEps, fc.constantFrom('corrected', 'raw'), (course, b1, b2, eps, maxOn) =>
        // Squares of equal size may round to a mean that falls.
        expectSame(scaleByAmsgrad({ b1, b2, eps, maxOn }), scaleByAdam({ b1, b2, eps }), course, 1e-14)
      )
    )
  })

  test('does not care for maxOn and epsPlacement without biasCorrectionNu, to the bit', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const uncorrected = { ...options, biasCorrectionNu: false }
        expectSame(
          scaleByAmsgrad({ ...uncorrected, maxOn: 'raw', epsPlacement: 'hat' }),
          scaleByAmsgrad({ ...uncorrected, maxOn: 'corrected', epsPlacement: 'outside' }),
          course
        )
      })
    )
  })

  test('keeps the largest second moment beside the last, in one state whatever the options', () => {
    for (const maxOn of ['corrected', 'raw'] as const) {
      const tx = scaleByAmsgrad({ b1: 0.5, b2: 0.5, maxOn, biasCorrectionNu: false })
      const [, state] = tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 0 })
      expect(tx.update({ w: 0 }, state, { w: 0 })[1]).toStrictEqual({
        count: 2,
        mu: { w: 1 },
        nu: { w: 4 },
        nuMax: { w: 8 }
      })
    }
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const muDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByAmsgrad({ muDtype }))
    }
    expect(scaleByAmsgrad({ muDtype: 'float64' }).init([new Float32Array(1)])).toStrictEqual({
      count: 0,
      mu: [new Float64Array(1)],
      nu: [new Float32Array(1)],
      nuMax: [new Float32Array(1)]
    })
    expectFloat32Inside(scaleByAmsgrad({ muDtype: 'float64' }))
  })

  momentLaws('scaleByAmsgrad', scaleByAmsgrad, {
    odd: someOptions,
    defaults: {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      epsRoot: 0,
      muDtype: undefined,
      biasCorrectionMu: true,
      biasCorrectionNu: true,
      maxOn: 'corrected',
      epsPlacement: 'outside'
    },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByAmsgrad(options as ScaleByAmsgradOptions)
  test('with a power between 0 and 1/2 it is Padam', () => {
    expectRule(
      scaleByAmsgrad({ b1: 0.8, b2: 0.9, eps: 0.01, power: 0.2, biasCorrectionMu: false, biasCorrectionNu: false }),
      each(() => {
        let [m, v, most] = [0, 0, 0]
        return (g) => {
          m = 0.8 * m + 0.2 * g
          v = 0.9 * v + 0.1 * g * g
          most = Math.max(most, v)
          return m / (Math.sqrt(most) + 0.01) ** 0.4
        }
      })
    )
  })

  refuses([
    ['scaleByAmsgrad: power must be in [0, 1), got 1', () => scaleByAmsgrad({ power: 1 })],
    [
      'scaleByAmsgrad: muDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
      make({ muDtype: 'half' })
    ],
    ['scaleByAmsgrad: biasCorrectionMu must be true or false, got 1', make({ biasCorrectionMu: 1 })],
    ['scaleByAmsgrad: biasCorrectionNu must be true or false, got 1', make({ biasCorrectionNu: 1 })],
    ['scaleByAmsgrad: epsPlacement must be one of "outside", "hat", got true', make({ epsPlacement: true })],
    ['scaleByAmsgrad: maxOn must be one of "corrected", "raw", got "torch"', make({ maxOn: 'torch' })],
    [
      'scaleByAmsgrad: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement, power',
      make({ nesterov: true })
    ]
  ])
})
