import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scale, scaleByAdam, scaleByLearningRate, scaleByTrustRatio } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  lastStep,
  normOf
} from '../../transforms/src/internal/testing/blocks.js'
import { aDecay, anEps, aRate, refuses, unbiased } from '../../transforms/src/internal/testing/courses.js'
import { type LambOptions, lamb } from './lamb.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps, epsRoot: anEps })

describe('lamb', () => {
  test('is −α times the update of Adam and λ times the param, as long as the params', () => {
    fc.assert(
      fc.property(
        aBlockCourse(),
        aRate,
        fc.constantFrom(0, 0.1, 2),
        someOptions,
        (course, rate, weightDecay, options) => {
          const { b1, b2, eps, epsRoot } = options
          expectBlockOracle(
            lamb(rate, { ...options, weightDecay }),
            course,
            (steps) =>
              lastStep(steps).params.map((p, i) => {
                const r = p.map((x, k) => {
                  const history = steps.map(({ grads }) => grads[i]?.[k] as number)
                  return (
                    unbiased(history, b1, 1) / (Math.sqrt(unbiased(history, b2, 2) + epsRoot) + eps) + weightDecay * x
                  )
                })
                const [n, m] = [normOf(p), normOf(r)]
                return r.map((x) => -rate * (n === 0 || m === 0 ? x : (x * n) / m))
              }),
            // What cancels in r leaves an error that the ratio magnifies: there is no size to compare with in float32.
            { in32: false, sizes: (steps) => lastStep(steps).params.map((p) => [1e3 * rate * (normOf(p) + 1)]) }
          )
        }
      )
    )
  })

  test('is scaleByAdam, addDecayedWeights, scaleByTrustRatio, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSameBlocks(
          lamb(falling, { ...options, weightDecay: falling, mask }),
          chain(
            scaleByAdam(options),
            addDecayedWeights(falling, { mask }),
            scaleByTrustRatio(),
            scaleByLearningRate(falling)
          ),
          course
        )
      )
    )
  })

  test('makes steps of α times the length of the params', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0.01, 1), (course, rate) => {
        emittedBlocks(lamb(rate), course).forEach((blocks, t) => {
          blocks.forEach((u, i) => {
            const wanted = rate * normOf(course.steps[t]?.params[i] ?? [])
            if (wanted > 0 && normOf(u) > 0) expect(Math.abs(normOf(u) / wanted - 1)).toBeLessThan(1e-12)
          })
        })
      })
    )
  })

  test('is odd in the gradients, and blind to their scale for eps = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: -8, max: 8 }), (course, power) => {
        const noZeros = {
          ...course,
          steps: course.steps.map((s) => ({ ...s, grads: s.grads.map((g) => g.map((x) => x || 1)) }))
        }
        expectSameBlocks(chain(scale(-1), lamb(0.5)), chain(lamb(0.5), scale(-1)), course)
        expectSameBlocks(chain(scale(2 ** power), lamb(0.5, { eps: 0 })), lamb(0.5, { eps: 0 }), noZeros)
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, (course, rate) =>
        expectSameBlocks(
          lamb(rate, { weightDecay: 0.1 }),
          lamb(constantSchedule(rate), { weightDecay: constantSchedule(0.1) }),
          course
        )
      )
    )
  })

  test('is what Optax gives', () => {
    expectBlockGolden(lamb(0.1), [
      [
        -0.16614504374411954, 0.16614529296156055, -0.16614532065243348, -0.16614524311801254, -0.16614515450733436,
        0.16614404688183199, -0.043898484139481136, 0.043898615834801855, -0.04389857193627381, 0.2
      ],
      [
        -0.16997967507690678, 0.10603754846042142, -0.07412339589353217, -0.18263617984485936, -0.026766225189784262,
        -0.1286322881675889, -0.033071813417893725, 0.03307195376462507, -0.03307190698224894, 0.15000000000000002
      ],
      [
        -0.036702597033874906, 0.07641804993096529, -0.03343836372062267, -0.04522234226475514, -0.06439584632876932,
        -0.06914615208610744, 0.02631698179621067, 0.0014173469898055638, -0.037090700945768135, 0.0001
      ],
      [
        -0.059811379065606976, 0.07900982222622427, -0.12449704718352422, -0.06210539098089604, -0.10946974161236545,
        -0.15440151634963317, 0.003838366455198087, 0.06042853154690624, -0.10119243804771266, 0.025048572027254995
      ],
      [
        -0.06439815777876842, 0.08038485626776654, -0.13071235297856665, -0.06830756525892294, -0.08790649217613247,
        -0.18892646214335224, 0.0076255469890063035, 0.04171620250275965, -0.14816075553893213, -0.1
      ]
    ])
    expectBlockGolden(
      lamb(0.1, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-4, weightDecay: 0.25, mask: [true, false, true] }),
      [
        [
          -0.15231710539562468, 0.18303954797616803, -0.13728520335787717, -0.12959582756210064, -0.21344572757495098,
          0.1664921592089509, -0.04380593090057229, 0.04397001689941567, -0.043919563201372885, 0.2
        ],
        [
          -0.18242255049547765, 0.13284169637200052, -0.07886917321880105, -0.16368294457355104, -0.08599106994595343,
          -0.07012973575309436, -0.0329629099728589, 0.03315499435931158, -0.03309747596351142, -0.15
        ],
        [
          -0.03112824421560516, 0.0769344545146138, -0.028569665273656283, -0.03885935314418081, -0.06825556398248109,
          -0.07064731982452661, 0.02763668468794885, -0.0027475411430062796, -0.03604132596237798, 0.0001
        ],
        [
          -0.10029159661303295, 0.06751462540977662, -0.14327853143381453, -0.062069301512288524, -0.11893143107047194,
          -0.10889145948173269, -0.0010448367658319536, 0.06230221053207541, -0.10011789489871288, 0.023123132732257187
        ],
        [
          -0.1228951582709166, 0.035791028329113565, -0.15958904294455176, -0.08031488580719488, -0.07813078724206002,
          -0.1461966789618224, 0.0022820135217814516, 0.03367161163363507, -0.150369594613672, -0.1
        ]
      ]
    )
  })

  const make = (options: object) => () => lamb(0.1, options as LambOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => lamb(-1)],
    ['lamb: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'lamb: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, weightDecay, mask',
      make({ nesterov: true })
    ]
  ])
})
