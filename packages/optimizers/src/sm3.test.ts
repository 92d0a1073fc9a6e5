import { chain, ndarray } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleBySm3 } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, emitted, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectShaped } from '../../transforms/src/internal/testing/goldens.js'
import { type Sm3Options, sm3 } from './sm3.js'

const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('sm3', () => {
  test('is scaleBySm3, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, anEps, (course, momentum, b2, eps) =>
        expectSame(
          sm3(falling, { momentum, b2, eps }),
          chain(scaleBySm3({ b1: momentum, b2, eps }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes no step larger than the learning rate', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) => {
        // The weights of the momentum may round to a sum above 1.
        const found = emitted(sm3(0.5, { momentum }), course).flat()
        expect(found.every((u) => Math.abs(u) <= 0.5 * (1 + 1e-14))).toBe(true)
      })
    )
  })

  test('is what Optax gives', () => {
    expectShaped(sm3(0.1), [
      [
        -0.009999999800000006, 0.0099999999875, -0.009999999994444442, -0.009999999949999998, -0.009999999200000095,
        0.009999999949999998, -0.009999999996874998, 0.009999999994444442
      ],
      [
        -0.017320502750577668, 0.007759652644384496, -0.005837722336412759, -5.572805394511438e-5,
        -0.018486832255761806, 0.004527864017888964, -0.008999999997187499, 0.005837722336412759
      ],
      [
        -0.01240845883835924, 0.012328912216285523, -0.005648926355340984, -0.004132638149787163, -0.016638149030185623,
        -0.0012701472202394093, -0.009340347342979189, 0.006815687720895719
      ],
      [
        -0.012383274301234898, 0.008514032098046024, -0.01238700115199194, 6.0270392584078904e-5, -0.013649801770566766,
        -0.0031084978437819198, -0.003961868165334221, 0.0008359895224049661
      ],
      [
        -0.017175173759925666, 0.007920741754615275, -0.0069960270446784755, -0.0006995350075833842,
        -0.014819718594793578, 0.003382666370780055, -0.005734985926476935, 0.0004875769995911333
      ]
    ])
    expectShaped(sm3(0.1, { momentum: 0.5 }), [
      [
        -0.04999999900000004, 0.049999999937500005, -0.04999999997222222, -0.04999999975, -0.049999996000000484,
        0.04999999975, -0.049999999984375, 0.04999999997222222
      ],
      [
        -0.06660251415288834, 0.018798263246922485, -0.00918861169317491, 0.019721359630274434, -0.07243416287880884,
        0.0026393201894448215, -0.0249999999921875, 0.00918861169317491
      ],
      [
        -0.017401288890640878, 0.036125255805158636, -0.006569187109434965, -0.010551734691045589, -0.03621708143940442,
        -0.02540646408697498, -0.018701736723645945, 0.012402993937208642
      ],
      [
        -0.014778951178878348, 0.0051526834195245765, -0.03979943071564275, 0.013622356291439836, -0.011485878936700732,
        -0.02253005877131975, 0.01287135385491228, -0.020289150163401593
      ],
      [
        -0.03754061003351048, 0.0038669060416315544, 0.0008616546027499783, 0.003042286341174642, -0.018417424474767803,
        0.019636542765259047, -0.004410845960924545, -0.011468642934567478
      ]
    ])
  })

  test('accepts arrays of rank 0, as Optax does not', () => {
    const tx = sm3(0.5, { momentum: 0, eps: 0 })
    const params = ndarray([1], [])
    expect(tx.update(ndarray([-7], []), tx.init(params), params)[0]).toStrictEqual(ndarray([0.5], []))
  })

  aliasLaws(sm3)

  const make = (options: object) => () => sm3(0.1, options as Sm3Options)
  refuses([
    ['sm3: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['scaleBySm3: b2 must be in [0, 1], got 2', make({ b2: 2 })],
    ['sm3: there is no option b1; there are momentum, b2, eps, accumulatorDtype', make({ b1: 0.9 })]
  ])
})
