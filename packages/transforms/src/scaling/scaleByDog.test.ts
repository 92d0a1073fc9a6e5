import { chain, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import { type ScaleByDogOptions, scaleByDog } from './scaleByDog.js'

const someOptions = fc.record({
  initStep: fc.constantFrom(
    ['heuristic', 1e-6] as const,
    ['heuristic', 5] as const,
    ['distance', 0.5] as const,
    ['learningRate', 0.5] as const
  ),
  eps: fc.constantFrom(0, 1e-8, 1)
})

const oracle =
  ([kind, size]: readonly [string, number], eps: number): BlockOracle =>
  (steps) => {
    const ps = steps.map(({ params }) => params.flat())
    const start = ps[0] as readonly number[]
    const first = { heuristic: size * (1 + normOf(start)), distance: size }[kind] ?? 0
    const distance = Math.max(first, ...ps.map((p) => normOf(p.map((x, k) => x - (start[k] as number)))))
    const root = Math.sqrt(normOf(steps.flatMap(({ grads }) => grads.flat())) ** 2 + eps)
    const factor = kind === 'learningRate' && steps.length === 1 ? size : distance / root
    return (steps[steps.length - 1]?.grads ?? []).map((block) => block.map((g) => (g === 0 ? 0 : factor * g)))
  }

describe('scaleByDog', () => {
  test('is g times the largest distance from the first params over the root of all squares, all leaves together', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, { initStep, eps }) =>
        expectBlockOracle(scaleByDog({ initStep, eps }), course, oracle(initStep, eps))
      )
    )
  })

  test('is blind to the scale of the gradients when eps = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: -8, max: 8 }), (course, power) => {
        const tx = scaleByDog({ eps: 0 })
        expectSameBlocks(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('is odd in the gradients', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectSameBlocks(chain(scale(-1), scaleByDog(options)), chain(scaleByDog(options), scale(-1)), course)
      )
    )
  })

  test('gives zeros for gradients that have always been zero, also when eps = 0', () => {
    const tx = scaleByDog({ eps: 0 })
    const params = { w: new Float32Array([1, 2]), b: 3 }
    const zeros = { w: new Float32Array(2), b: 0 }
    expect(tx.update(zeros, tx.init(params), params)[0]).toStrictEqual(zeros)
  })

  test('finds the minimum of a quadratic without a learning rate', () => {
    const tx = chain(scaleByDog({ initStep: ['heuristic', 1e-3] }), scale(-1))
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    for (let t = 0; t < 3000; t++) [params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
    expect(normOf([...params.x])).toBeLessThan(1e-3)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByDog())
    expectFloat32InChain(scaleByDog())
  })

  const make = (options: object) => () => scaleByDog(options as ScaleByDogOptions)
  refuses([
    ['scaleByDog: initStep must be a pair of a kind and a size, got 0.1', make({ initStep: 0.1 })],
    [
      'scaleByDog: initStep[0] must be one of "heuristic", "distance", "learningRate", got "rate"',
      make({ initStep: ['rate', 1] })
    ],
    ['scaleByDog: initStep[1] must be a finite number > 0, got 0', make({ initStep: ['distance', 0] })],
    ['scaleByDog: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByDog: there is no option repsRel; there are initStep, eps', make({ repsRel: 1 })]
  ])
})
