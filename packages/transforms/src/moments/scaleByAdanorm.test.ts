import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import {
  aDecay,
  anEps,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByAdanormOptions, scaleByAdanorm } from './scaleByAdanorm.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, gamma: aDecay, eps: anEps })

/** The gradients of a leaf, lengthened to the mean length up to each. */
const lengthened = (gradients: readonly (readonly number[])[], gamma: number) => {
  let mean = 0
  return gradients.map((g) => {
    const length = normOf(g)
    mean = gamma * mean + (1 - gamma) * length
    const factor = length > 0 && mean > length ? mean / length : 1
    return g.map((x) => x * factor)
  })
}

const oracleOf =
  ({ b1, b2, gamma, eps }: Required<Pick<ScaleByAdanormOptions, 'b1' | 'b2' | 'gamma' | 'eps'>>): BlockOracle =>
  (steps, shapes) =>
    shapes.map((_, leaf) => {
      const gradients = steps.map((s) => s.grads[leaf] ?? [])
      const longer = lengthened(gradients, gamma)
      return (gradients[0] ?? []).map((_x, i) => {
        const of = (rows: readonly (readonly number[])[]) => rows.map((row) => row[i] as number)
        return unbiased(of(longer), b1, 1) / (Math.sqrt(unbiased(of(gradients), b2, 2)) + eps)
      })
    })

describe('scaleByAdanorm', () => {
  test('is Adam, with a first moment of gradients that are not shorter than their mean length', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) => {
        const sizes: BlockOracle = (steps, shapes) =>
          oracleOf(options)(
            steps.map((s) => ({ ...s, grads: s.grads.map((g) => g.map(Math.abs)) })),
            shapes
          )
        expectBlockOracle(scaleByAdanorm(options), course, oracleOf(options), { sizes, in32: false })
      })
    )
  })

  test('is scaleByAdam where lengths are not averaged, and for gradients that stay the same', () => {
    fc.assert(
      fc.property(aBlockCourse(), aDecay, (course, b1) => {
        expectSameBlocks(scaleByAdanorm({ b1, gamma: 0 }), scaleByAdam({ b1 }), course)
        const first = course.steps.slice(0, 1)
        const same = { ...course, steps: [...first, ...first, ...first] }
        expectSameBlocks(scaleByAdanorm({ b1 }), scaleByAdam({ b1 }), same)
      })
    )
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectSameBlocks(chain(scale(-1), scaleByAdanorm(options)), chain(scaleByAdanorm(options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAdanorm({ b1: 0.9, b2: 0.999, gamma: 0.95, eps: 1e-8 }), scaleByAdanorm(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdanorm())
    expectDtypesKept(scaleByAdanorm({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAdanorm({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdanorm(options as ScaleByAdanormOptions)
  refuses([
    ['scaleByAdanorm: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdanorm: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByAdanorm: gamma must be in [0, 1), got 1', make({ gamma: 1 })],
    ['scaleByAdanorm: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    [
      'scaleByAdanorm: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ muDtype: 32 })
    ]
  ])
})
