import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aGradient,
  anEps,
  average,
  expectDtypesKept,
  expectOracle,
  expectSame,
  last,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectFloat32Inside, expectSix, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByNadamOptions, scaleByNadam } from './scaleByNadam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: fc.oneof(fc.constant(0), anEps),
  momentumDecay: fc.constantFrom(undefined, 0, 4e-3, 1, 50),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})

// Of one sign, so that nothing cancels.
const aSize = aGradient.map(Math.abs)

describe('scaleByNadam', () => {
  test('mixes, with weights that warm up, the weighted mean with the gradient, over the root of that of squares', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot, momentumDecay, epsPlacement }) => {
        const at = (t: number) => b1 * (1 - (momentumDecay === undefined ? 0 : 0.96 ** (t * momentumDecay) / 2))
        const product = (t: number) => Array.from({ length: t }, (_, i) => at(i + 1)).reduce((a, b) => a * b, 1)
        expectOracle(scaleByNadam({ b1, b2, eps, epsRoot, momentumDecay, epsPlacement }), course, (history) => {
          const t = history.length
          const later = (at(t + 1) * average(history, b1, 1)) / (1 - product(t + 1))
          const mean = later + ((1 - at(t)) * last(history)) / (1 - product(t))
          const c = epsPlacement === 'hat' ? 1 - b2 ** t : 1
          return mean / (Math.sqrt(unbiased(history, b2, 2) + epsRoot / c) + eps / Math.sqrt(c))
        })
      })
    )
  })

  // With float64 as its default dtype: the product of the momenta is kept in that.
  test('is what PyTorch gives with momentumDecay', () => {
    expectSix(scaleByNadam({ momentumDecay: 4e-3 }), [
      [1.056451757226353, -1.0564517730731293, 1.0564517748338824],
      [1.0113409043517114, 0.06709423929575006, -0.2707692154960919],
      [-0.40233748520736323, -0.8352919994887916, 0.08395758787103927],
      [0.047441969278250284, 0.3182307469814849, 0.9976977003634544],
      [0.27541382398810543, -0.10736702146187266, -0.5073938903796728],
      [-0.770364121210433, 0.2696385198187152, 0.2967643858742099]
    ])
    expectSix(scaleByNadam({ b1: 0.7, b2: 0.8, eps: 0.1, momentumDecay: 0.3 }), [
      [0.9359864930049511, -1.0696988491485153, 1.0869520563928463],
      [1.036775624397632, 0.036346540274120626, -0.2727420461134849],
      [-0.3940991272082703, -0.9451760655020212, 0.10546300918206353],
      [0.04607681557355252, 0.3438932231490413, 1.1116504611778628],
      [0.312616342225899, -0.1137036001751617, -0.5492675479723722],
      [-0.8678770702390236, 0.3782670957374801, 0.3322621932030314]
    ])
  })

  test('is what Optax gives without', () => {
    expectSix(scaleByNadam({ b1: 0.7, b2: 0.8, eps: 0.1, epsRoot: 0.2 }), [
      [0.9157546415774388, -1.3136421080052243, 1.3517686282319958],
      [1.092062206072413, -0.14521091514240317, -0.10375528072201343],
      [-0.1584559619582527, -0.9351045980823404, 0.16898220385567103],
      [0.09259611146292732, 0.09319453538705094, 0.9738806799732219],
      [0.25842763927596063, -0.15700933282785934, -0.26217926396905855],
      [-0.5480709254345647, 0.2118372414114344, 0.28066721553809576]
    ])
  })

  test('is scaleByAdam with nesterov without momentumDecay, and with a large one', () => {
    fc.assert(
      fc.property(aCourse(aSize), someOptions, (course, { momentumDecay: _, ...options }) => {
        const adam = scaleByAdam({ ...options, nesterov: true })
        // β₁ᵗ is a product here and a power there.
        expectSame(scaleByNadam(options), adam, course, 1e-13)
        expectSame(scaleByNadam({ ...options, momentumDecay: 1e6 }), scaleByNadam(options), course)
      })
    )
  })

  test('is blind to the scale of the gradient when eps = epsRoot = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(someOptions, fc.integer({ min: -8, max: 8 }), (options, power) => {
        const tx = scaleByNadam({ ...options, eps: 0, epsRoot: 0 })
        const { params, gradients } = SIX
        const course = { params, gradients: gradients.map((row) => row.map((g) => g || 1)) }
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('keeps the product of its momenta, a number, in one state whatever the options', () => {
    const state = (options: ScaleByNadamOptions) => {
      const tx = scaleByNadam({ b1: 0.5, b2: 0.5, ...options })
      return tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 })[1]
    }
    expect(state({})).toStrictEqual({ count: 1, mu: { w: 1 }, nu: { w: 2 }, momentumProduct: 0.5 })
    expect(state({ momentumDecay: 0 })).toStrictEqual({ count: 1, mu: { w: 1 }, nu: { w: 2 }, momentumProduct: 0.25 })
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const muDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByNadam({ muDtype }))
    }
    expect(scaleByNadam({ muDtype: 'float64' }).init([new Float32Array(1)])).toStrictEqual({
      count: 0,
      mu: [new Float64Array(1)],
      nu: [new Float32Array(1)],
      momentumProduct: 1
    })
    expectFloat32Inside(scaleByNadam({ muDtype: 'float64' }))
  })

  momentLaws('scaleByNadam', scaleByNadam, {
    odd: someOptions,
    defaults: {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      epsRoot: 0,
      muDtype: undefined,
      momentumDecay: undefined,
      epsPlacement: 'outside'
    },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot', 'momentumDecay']
  })

  const make = (options: object) => () => scaleByNadam(options as ScaleByNadamOptions)
  refuses([
    ['scaleByNadam: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 1', make({ muDtype: 1 })],
    ['scaleByNadam: epsPlacement must be one of "outside", "hat", got 1', make({ epsPlacement: 1 })],
    [
      'scaleByNadam: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement',
      make({ nesterov: true })
    ]
  ])
})
