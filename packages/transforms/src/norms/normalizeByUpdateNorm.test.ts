import { chain } from '@gradchain/core'
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
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type NormalizeByUpdateNormOptions, normalizeByUpdateNorm } from './normalizeByUpdateNorm.js'

const aFactor = fc.constantFrom(-2, 0, 0.1, 1)

describe('normalizeByUpdateNorm', () => {
  test('is s g / (‖g‖ + eps), with the norm of all leaves together', () => {
    fc.assert(
      fc.property(aBlockCourse(), aFactor, fc.constantFrom(1e-12, 1e-6, 1), (course, scaleFactor, eps) =>
        expectBlockOracle(normalizeByUpdateNorm({ scaleFactor, eps }), course, (steps) => {
          const { grads } = lastStep(steps)
          return grads.map((g) => g.map((x) => (scaleFactor * x) / (normOf(grads.flat()) + eps)))
        })
      )
    )
  })

  test('gives a length of |s| when eps = 0, unless there is none', () => {
    fc.assert(
      fc.property(aBlockCourse(), aFactor, (course, scaleFactor) => {
        emittedBlocks(normalizeByUpdateNorm({ scaleFactor, eps: 0 }), course).forEach((blocks, t) => {
          const given = course.steps[t]?.grads.flat() ?? []
          const wanted = normOf(given) > 0 ? Math.abs(scaleFactor) : 0
          expect(Math.abs(normOf(blocks.flat()) - wanted)).toBeLessThanOrEqual(1e-14 * wanted)
        })
      })
    )
  })

  test('leaves zeros and empty trees alone, also when eps = 0', () => {
    const zeros = { w: new Float32Array(2), b: 0, none: [] }
    expect(normalizeByUpdateNorm({ eps: 0 }).update(zeros, {}, zeros)[0]).toStrictEqual(zeros)
    // In float32 such a length is 0.
    expect(normalizeByUpdateNorm({ eps: 1e-60 }).update(zeros, {}, zeros)[0]).toStrictEqual(zeros)
    expect(normalizeByUpdateNorm({ eps: 0 }).update({ ...zeros, b: 1e-60 }, {}, zeros)[0].w).toStrictEqual(zeros.w)
  })

  test('is blind to the scale of the gradient when eps = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: -8, max: 8 }), (course, power) => {
        const tx = normalizeByUpdateNorm({ eps: 0 })
        expectSameBlocks(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('is odd in the update, and a negative factor turns it around', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const tx = normalizeByUpdateNorm()
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expectSameBlocks(normalizeByUpdateNorm({ scaleFactor: -1 }), chain(tx, scale(-1)), course)
      })
    )
  })

  test('twice is once, up to rounding, when eps = 0', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const tx = normalizeByUpdateNorm({ eps: 0 })
        expectSameBlocks(chain(tx, tx), tx, course, 1e-14)
      })
    )
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(normalizeByUpdateNorm())
    expectFloat32InChain(normalizeByUpdateNorm())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(normalizeByUpdateNorm(), [
      [
        0.11484960110317505, -0.4593984044127002, 0.6890976066190503, 0.2871240027579376, 0.17227440165476257,
        -0.028712400275793762, 0.057424800551587524, -0.2296992022063501, 0.11484960110317505, -0.34454880330952514
      ],
      [
        0.44846092157298934, 0.07474348692883155, -0.2989739477153262, 0.5979478954306524, -0.1494869738576631,
        0.5232044085018208, 0, 0, 0, 0.22423046078649464
      ],
      [
        -0.1658369611776296, -0.44223189647367894, 0.027639493529604934, -0.22111594823683947, 0.6633478447105184,
        0.11055797411841974, -0.44223189647367894, 0.1658369611776296, 0.22111594823683947, 0.05527898705920987
      ],
      [
        0, 0.21244757555727592, 0.8497903022291037, -0.05311189388931898, 0.02655594694465949, 0.21244757555727592,
        0.3186713633359139, -0.2655594694465949, 0.02655594694465949, -0.10622378777863796
      ],
      [
        0.027376706753355642, -0.013688353376677821, 0.10950682701342257, 0.054753413506711285, -0.21901365402684514,
        0.3285204810402677, -0.027376706753355642, 0.21901365402684514, 0.10950682701342257, 0.8760546161073806
      ]
    ])
    expectBlockGolden(normalizeByUpdateNorm({ scaleFactor: -0.5, eps: 0.25 }), [
      [
        -0.054306285416933, 0.217225141667732, -0.325837712501598, -0.1357657135423325, -0.0814594281253995,
        0.01357657135423325, -0.0271531427084665, 0.108612570833866, -0.054306285416933, 0.162918856250799
      ],
      [
        -0.20863631730774695, -0.03477271955129116, 0.13909087820516464, -0.2781817564103293, 0.06954543910258232,
        -0.2434090368590381, -0, -0, -0, -0.10431815865387348
      ],
      [
        0.07857495409253124, 0.20953321091341665, -0.01309582568208854, 0.10476660545670832, -0.31429981637012494,
        -0.05238330272835416, 0.20953321091341665, -0.07857495409253124, -0.10476660545670832, -0.02619165136417708
      ],
      [
        -0, -0.10086659340176933, -0.4034663736070773, 0.025216648350442333, -0.012608324175221166,
        -0.10086659340176933, -0.151299890102654, 0.12608324175221167, -0.012608324175221166, 0.050433296700884665
      ],
      [
        -0.012337336235789023, 0.006168668117894511, -0.04934934494315609, -0.024674672471578046, 0.09869868988631218,
        -0.14804803482946827, 0.012337336235789023, -0.09869868988631218, -0.04934934494315609, -0.39479475954524873
      ]
    ])
  })

  const make = (options: object) => () => normalizeByUpdateNorm(options as NormalizeByUpdateNormOptions)
  refuses([
    ['normalizeByUpdateNorm: scaleFactor must be a finite number, got NaN', make({ scaleFactor: Number.NaN })],
    ['normalizeByUpdateNorm: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['normalizeByUpdateNorm: there is no option scale; there are scaleFactor, eps', make({ scale: 1 })],
    // @ts-expect-error -- the factor is an option
    ['normalizeByUpdateNorm: options must be an object, got 2', () => normalizeByUpdateNorm(2)]
  ])
})
