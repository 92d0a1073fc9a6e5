import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate, scaleByNadam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { nadam } from './nadam.js'
import { type NadamwOptions, nadamw } from './nadamw.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  momentumDecay: fc.constantFrom(undefined, 4e-3),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('nadamw', () => {
  test('is scaleByNadam, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          nadamw(falling, { ...options, weightDecay: falling, mask }),
          chain(scaleByNadam(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(nadamw(0.1, { weightDecay }), nadamw(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('is nadam without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        expectSame(nadamw(rate, { ...options, weightDecay: 0 }), nadam(rate, options), course)
        expectSame(nadamw(rate, { ...options, weightDecay: 0.5, mask: false }), nadam(rate, options), course)
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(nadamw(0.1), [
      [-0.1473784181052632, 0.14738842031578947, -0.1473734205614035],
      [-0.12852019640770612, 0.026912291631584512, -0.0017163752620437272],
      [0.001349864147759585, 0.09923509786600893, -0.02624565301186579],
      [-0.022732969122367993, 0.010715427102608772, -0.09290187500438217],
      [-0.03619964272065401, 0.02964935831599861, 0.0055726167641117035],
      [0.0331565315660956, 0.002603553833408297, -0.032490026620504944]
    ])
    expectSix(nadamw(falling, { b1: 0.7, weightDecay: 0.3 }), [
      [-0.17117646776470594, 0.20117646988235294, -0.1561764701176471],
      [-0.1456049900463288, 0.06792888167832066, -0.003973633247410829],
      [-0.008809890223168654, 0.1303936183127423, -0.025334276123401882],
      [-0.02870554925074578, 0.034949845427418046, -0.08588516177437672],
      [-0.036379896465068125, 0.04582005948502363, 0.00813898050818246],
      [0.018822580960945995, 0.019136871850961825, -0.02209254628048616]
    ])
  })

  aliasLaws(nadamw)

  const make = (options: object) => () => nadamw(0.1, options as NadamwOptions)
  refuses([
    ['nadamw: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByNadam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    [
      'nadamw: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement, weightDecay, mask',
      make({ nesterov: 0.1 })
    ]
  ])
})
