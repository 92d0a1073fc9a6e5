import {
  chain,
  definitionOf,
  type GradientTransformation,
  type Tree,
  transformation,
  tree,
  type Value
} from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import {
  addDecayedWeights,
  hutchinsonEstimatorDiagHessian,
  scaleByAdahessian,
  scaleByLearningRate
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AdahessianOptions, adahessian } from './adahessian.js'

/** With a loss. */
const withLoss = <S>(tx: GradientTransformation<S, { objFn(params: Tree): Value }>): GradientTransformation<S> => {
  const { init, update } = definitionOf('withLoss', tx)
  return transformation<S>({ init, update: (g, state, p) => update(g, state, p, { objFn: tree.squaredNorm }) })
}

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5),
  b2: fc.constantFrom(0.5, 0.99),
  eps: fc.constantFrom(1e-8, 1),
  hessianPower: fc.constantFrom(1, 0.5),
  updateInterval: fc.constantFrom(1, 3),
  spatialAxes: fc.constantFrom(undefined, [2, 3]),
  muDtype: fc.constantFrom(undefined, 'float32' as const),
  nuDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  hessianDiagonalFn: fc.constantFrom(hutchinsonEstimatorDiagHessian({ key: 5 }))
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adahessian', () => {
  test('is scaleByAdahessian, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          withLoss(adahessian(falling, { ...options, weightDecay: falling, mask })),
          withLoss(
            chain(scaleByAdahessian(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling))
          ),
          course
        )
      ),
      { numRuns: 30 }
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.999, eps: 1e-8, hessianPower: 1, updateInterval: 1, weightDecay: 0 }
    expectSame(withLoss(adahessian(0.1, options)), withLoss(adahessian(0.1)), SIX)
  })

  aliasLaws((rate) => withLoss(adahessian(rate)))

  const make = (options: object) => () => adahessian(0.1, options as AdahessianOptions)
  refuses([
    ['adahessian: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    ['scaleByAdahessian: b2 must be in [0, 1), got 1', make({ b2: 1 })]
  ])
})
