import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByRadam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type RadamOptions, radam } from './radam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  threshold: fc.constantFrom(4, 6),
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('radam', () => {
  test('is scaleByRadam, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(radam(falling, options), chain(scaleByRadam(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(radam(0.1), [
      [-0.05, 0.2, -0.30000000000000004],
      [-0.10263157894736843, 0.08157894736842107, -0.08947368421052633],
      [-0.03708487084870849, 0.12527675276752767, -0.06107011070110702],
      [-0.026301250363477753, 0.059770282058738, -0.15962489095667345],
      [-0.02720446387145613, 0.04761666381773339, -0.05959683524211865],
      [0.00012431846068726072, 0.0004607547757193816, -0.000748151445190541]
    ])
  })

  aliasLaws(radam)

  const make = (options: object) => () => radam(0.1, options as RadamOptions)
  refuses([
    ['scaleByRadam: threshold must be a finite number ≥ 4, got 3', make({ threshold: 3 })],
    [
      'radam: there is no option momentDtype; there are b1, b2, eps, epsRoot, muDtype, nuDtype, threshold, nesterov, epsPlacement',
      make({ momentDtype: 0.1 })
    ]
  ])
})
