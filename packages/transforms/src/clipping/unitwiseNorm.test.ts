import {
  chain,
  force,
  type Leaf,
  type NdArray,
  ndarray,
  norm,
  type Operand,
  reference,
  stateless,
  tree,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anElement, aShape, leafOf, type Shape, unitNorms } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { elementsOf } from '../internal/testing/trees.js'
import { clipByNorm } from './clipByNorm.js'
import { type UnitwiseNormOptions, unitwiseNorm } from './unitwiseNorm.js'

const someElements = (shape: Shape) => {
  const n = (shape ?? []).reduce((size, length) => size * length, 1)
  return fc.array(anElement, { minLength: n, maxLength: n })
}
const anArray = aShape.chain((shape) => someElements(shape).map((elements) => ({ shape, elements })))

const normsOf = (x: Leaf, options?: UnitwiseNormOptions): readonly number[] => {
  const fused = force(unitwiseNorm(x, options)) as Leaf
  expect(fused, 'the engines disagree').toStrictEqual(withEngine(reference, () => force(unitwiseNorm(x, options))))
  return [...elementsOf(fused)]
}

const expectClose = (found: readonly number[], wanted: readonly number[], share = 1e-14): void => {
  expect(found).toHaveLength(wanted.length)
  found.forEach((x, i) =>
    expect(Math.abs(x - (wanted[i] as number))).toBeLessThanOrEqual(share * (wanted[i] as number))
  )
}

const kernel = ndarray([3, 0, 4, 2], [2, 2])

describe('unitwiseNorm', () => {
  test('is the norm of the unit at the place of each of its elements, units being what feeds one output', () => {
    fc.assert(
      fc.property(anArray, ({ shape, elements }) => {
        expectClose(normsOf(leafOf(shape, elements)), unitNorms(elements, shape))
        const rounded = shape === null ? elements : elements.map(Math.fround)
        expectClose(normsOf(leafOf(shape, rounded, 'float32')), unitNorms(rounded, shape), 1e-7)
      })
    )
  })

  test.each([
    [[2], [5, 5]],
    [
      [1, 2],
      [5, 5]
    ],
    [
      [2, 1],
      [5, 5]
    ],
    [
      [1, 1, 2, 1],
      [5, 5]
    ],
    [
      [1, 1, 1, 1, 1, 2],
      [5, 5]
    ]
  ])('takes shape %j, with one axis longer than 1, for one unit', (shape, norms) => {
    expect(normsOf(ndarray(new Float64Array([3, -4]), shape))).toStrictEqual(norms)
  })

  test.each([
    [
      [2, 2],
      [5, 12, 5, 12]
    ],
    [
      [2, 1, 2],
      [5, 12, 5, 12]
    ],
    [
      [2, 2, 1],
      [5, 12, 5, 12]
    ],
    [
      [1, 2, 1, 2],
      [5, 12, 5, 12]
    ],
    [
      [2, 1, 1, 1, 2],
      [5, 12, 5, 12]
    ]
  ])('takes shape %j for two units', (shape, norms) => {
    expect(normsOf(ndarray(new Float64Array([3, 12, -4, 0]), shape))).toStrictEqual(norms)
  })

  test('sums over the axes that are given, counted from either end', () => {
    fc.assert(
      fc.property(
        anArray.filter(({ shape }) => shape !== null),
        fc.array(fc.nat(4)),
        fc.boolean(),
        ({ shape, elements }, some, fromEnd) => {
          const rank = shape?.length ?? 0
          const axes = some.filter((axis) => axis < rank)
          const axis = fromEnd ? axes.map((a) => a - rank) : axes
          expectClose(normsOf(leafOf(shape, elements), { axis }), unitNorms(elements, shape, axes))
        }
      )
    )
  })

  test('takes one axis for a list of it', () => {
    expect(normsOf(kernel, { axis: 1 })).toStrictEqual(normsOf(kernel, { axis: [1] }))
    expect(normsOf(kernel, { axis: -2 })).toStrictEqual([5, 2, 5, 2])
  })

  test('is |x| for numbers, whatever the axis, and along no axis', () => {
    expect(unitwiseNorm(-3)).toBe(3)
    expect(unitwiseNorm(-3, { axis: 7 })).toBe(3)
    expect(normsOf(new Float64Array([-3, 4]), { axis: [] })).toStrictEqual([3, 4])
  })

  test('is the norm of the whole along all axes, to the bit', () => {
    const x = ndarray(new Float64Array([0.1, 0.2, 0.3, 0.4]), [2, 2])
    expect(normsOf(x, { axis: [0, 1] })).toStrictEqual([1, 2, 3, 4].map(() => force(norm(x))))
  })

  test('tells a vector of one float64 from a number, also inside a chain', () => {
    const along = stateless((updates) => tree.map((g: Operand) => unitwiseNorm(g, { axis: 1 }), updates))
    // After the clip it is lazy: a number has no axes, so that any is fine.
    const tx = chain(clipByNorm(9), along)
    expect(tx.update([-2], tx.init([0]), [0])[0]).toStrictEqual([2])
    const one = [new Float64Array([-2])]
    expect(() => tx.update(one, tx.init(one), one)).toThrow(
      'unitwiseNorm: axis must be from -1 to 0 for an array of shape [1], got 1'
    )
  })

  test('neither overflows nor vanishes on float32 squares', () => {
    expectClose(normsOf(ndarray([3e30, 4e30, 3e-30, 4e-30], [2, 2]), { axis: 1 }), [5e30, 5e30, 5e-30, 5e-30], 1e-7)
    expectClose(normsOf(new Float32Array([3e30, 4e30])), [5e30, 5e30], 1e-7)
  })

  test('is float32 for the 16-bit dtypes, and float64 for float64', () => {
    const dtypeOf = (x: Leaf) => (force(unitwiseNorm(x)) as NdArray).dtype
    expect(dtypeOf(ndarray([1, 2, 3, 4], [2, 2], 'bfloat16'))).toBe('float32')
    expect(dtypeOf(ndarray([1, 2], [2], 'float16'))).toBe('float32')
    expect(dtypeOf(ndarray(new Float64Array(4), [2, 2]))).toBe('float64')
    expect(force(unitwiseNorm(new Float64Array(2)))).toBeInstanceOf(Float64Array)
  })

  const make = (options: object) => () => unitwiseNorm(kernel, options as UnitwiseNormOptions)
  refuses([
    ['unitwiseNorm: axis must be a whole number or a list of whole numbers, got 0.5', make({ axis: 0.5 })],
    ['unitwiseNorm: axis must be a whole number or a list of whole numbers, got ["0"]', make({ axis: ['0'] })],
    ['unitwiseNorm: axis must be from -2 to 1 for an array of shape [2, 2], got 2', make({ axis: 2 })],
    ['unitwiseNorm: axis must be from -2 to 1 for an array of shape [2, 2], got [0, -3]', make({ axis: [0, -3] })],
    [
      'unitwiseNorm: axis must be given for more than 5 axes, got undefined for an array of shape [1, 2, 1, 2, 1, 1]',
      () => unitwiseNorm(ndarray([1, 2, 3, 4], [1, 2, 1, 2, 1, 1]))
    ],
    [
      'unitwiseNorm: axis must be an empty list for an array of shape [], got 0',
      () => unitwiseNorm(ndarray([1], []), { axis: 0 })
    ],
    ['unitwiseNorm: there is no option axes; there are axis', make({ axes: [0] })]
  ])
})
