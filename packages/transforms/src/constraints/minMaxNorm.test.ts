import { applyUpdates, identity, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  emittedBlocks,
  expectBlockOracle,
  expectSameBlocks,
  unitNorms
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { maxNorm } from './maxNorm.js'
import { type MinMaxNormOptions, minMaxNorm } from './minMaxNorm.js'

const lengths = fc.tuple(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0.5, max: 1e3, noNaN: true }))
const aRate = fc.constantFrom(0, 0.25, 1)
const sizes = eachBlock((g, p) => [...g, ...p])

describe('minMaxNorm', () => {
  test('takes units whose params would be too short or too long a share of the way to the bound', () => {
    fc.assert(
      fc.property(aBlockCourse(), lengths, aRate, (course, [shortest, more], rate) => {
        const longest = shortest + more
        return expectBlockOracle(
          minMaxNorm(shortest, longest, { rate }),
          course,
          eachBlock((g, p, shape) => {
            const moved = g.map((x, i) => x + (p[i] as number))
            const norms = unitNorms(moved, shape)
            return g.map((x, i) => {
              const n = norms[i] as number
              if (n === 0 || (n >= shortest && n <= longest)) return x
              const wanted = rate * Math.min(Math.max(n, shortest), longest) + (1 - rate) * n
              return ((moved[i] as number) * wanted) / n - (p[i] as number)
            })
          }),
          { sizes }
        )
      })
    )
  })

  test('leaves units between the two lengths', () => {
    fc.assert(
      fc.property(aBlockCourse(), lengths, (course, [shortest, more]) => {
        const longest = shortest + more
        emittedBlocks(minMaxNorm(shortest, longest), course).forEach((blocks, t) => {
          blocks.forEach((u, i) => {
            const p = course.steps[t]?.params[i] ?? []
            const rounding = 1e-15 * Math.max(0, ...p.map(Math.abs))
            const moved = u.map((x, k) => x + (p[k] as number))
            for (const n of unitNorms(moved, course.shapes[i] ?? null)) {
              expect(n).toBeLessThanOrEqual(longest * (1 + 1e-14) + 4 * rounding)
              if (n > 4 * rounding) expect(n).toBeGreaterThanOrEqual(shortest * (1 - 1e-14) - 4 * rounding)
            }
          })
        })
      })
    )
  })

  test('changes nothing in units between the two lengths, bit for bit', () => {
    fc.assert(fc.property(aBlockCourse(), (course) => expectSameBlocks(minMaxNorm(0, 1e5), identity(), course)))
  })

  test('from 0 on it is maxNorm', () => {
    const params = { w: ndarray([0, 0, 0, 0], [2, 2]) }
    const grads = { w: ndarray([3, 4, 6, 0], [2, 2]) }
    const moved = (tx: ReturnType<typeof maxNorm>) => applyUpdates(params, tx.update(grads, {}, params)[0]).w.data
    for (const axis of [undefined, 0, 1, -1, [0, 1], []]) {
      const [found, wanted] = [moved(minMaxNorm(0, 2, { axis })), moved(maxNorm(2, { axis }))]
      found.forEach((x, i) => {
        expect(x).toBeCloseTo(wanted[i] as number, 6)
      })
    }
  })

  test('leaves a unit of zeros where it is, which has no direction', () => {
    const params = { w: [1, -2] }
    expect(minMaxNorm(1, 1).update({ w: [-1, 2] }, {}, params)[0]).toStrictEqual({ w: [-1, 2] })
  })

  test('goes the whole way unless told otherwise', () => {
    const moved = (options?: MinMaxNormOptions) => minMaxNorm(1, 2, options).update({ w: 8 }, {}, { w: 0 })[0]
    expect(moved()).toStrictEqual({ w: 2 })
    expect(moved({ rate: 0.5 })).toStrictEqual({ w: 5 })
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(minMaxNorm(0.25, 0.5))
    expectFloat32InChain(minMaxNorm(0.25, 0.5))
  })

  const make = (options: object) => () => minMaxNorm(0, 1, options as MinMaxNormOptions)
  refuses([
    ['minMaxNorm: shortest must be a finite number ≥ 0, got -1', () => minMaxNorm(-1, 1)],
    ['minMaxNorm: longest must be a finite number > 0 and ≥ shortest, which is 0, got 0', () => minMaxNorm(0, 0)],
    ['minMaxNorm: longest must be a finite number > 0 and ≥ shortest, which is 2, got 1', () => minMaxNorm(2, 1)],
    // @ts-expect-error -- the lengths are required
    ['minMaxNorm: shortest must be a finite number ≥ 0, got undefined', () => minMaxNorm()],
    ['minMaxNorm: rate must be in [0, 1], got 1.5', make({ rate: 1.5 })],
    ['minMaxNorm: axis must be a whole number or a list of whole numbers, got null', make({ axis: null })],
    ['minMaxNorm: there is no option axes; there are rate, axis', make({ axes: 0 })]
  ])
})
