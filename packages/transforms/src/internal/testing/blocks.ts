// Rules that look at whole arrays against an oracle: trees of numbers, vectors, matrices and more, in both engines.
import { type AnyGradientTransformation, type Leaf, ndarray, reference, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { elementsOf } from './trees.js'

/** The shape of a leaf; `null` is a number, a single length a bare vector. */
export type Shape = readonly number[] | null

/** The elements of each leaf, in row-major order. */
export type Blocks = readonly (readonly number[])[]

/** What a step is given. */
export interface BlockStep {
  readonly params: Blocks
  readonly grads: Blocks
  readonly value: number
}

/** Leaves, and for each step their params and gradients: the params go their own way, whatever the updates are. */
export interface BlockCourse {
  readonly shapes: readonly Shape[]
  readonly steps: readonly BlockStep[]
}

const lengthOf = (shape: Shape): number => (shape ?? []).reduce((n, length) => n * length, 1)

/** A leaf with the given elements. */
export const leafOf = (shape: Shape, elements: readonly number[], dtype: 'float32' | 'float64' = 'float64'): Leaf => {
  if (shape === null) return elements[0] as number
  const data = dtype === 'float64' ? Float64Array.from(elements) : Float32Array.from(elements)
  if (shape.length === 1) return data
  return data instanceof Float64Array ? ndarray(data, shape) : ndarray(data, shape)
}

interface Plain {
  readonly init: (params: readonly Leaf[]) => unknown
  readonly update: (
    updates: readonly Leaf[],
    state: unknown,
    params: readonly Leaf[],
    extra: object
  ) => readonly [readonly Leaf[], unknown]
}

const driven = (
  tx: AnyGradientTransformation,
  { shapes, steps }: BlockCourse,
  dtype: 'float32' | 'float64'
): readonly Blocks[] => {
  // Which form of tree it is, is not known to the types here.
  const { init, update } = tx as unknown as Plain
  const leaves = (blocks: Blocks): readonly Leaf[] =>
    shapes.map((shape, i) => leafOf(shape, blocks[i] as readonly number[], dtype))
  let state = init(leaves(steps[0]?.params ?? []))
  return steps.map(({ params, grads, value }) => {
    const [updates, next] = update(leaves(grads), state, leaves(params), { value })
    state = structuredClone(next)
    return updates.map((leaf) => [...elementsOf(leaf)])
  })
}

const isSame = (xs: readonly Blocks[], ys: readonly Blocks[]): boolean =>
  xs.length === ys.length &&
  xs.every((blocks, t) =>
    blocks.every((block, leaf) => {
      const other = ys[t]?.[leaf] ?? []
      return block.length === other.length && block.every((x, i) => Object.is(x, other[i]))
    })
  )

/** The updates of each step; the engines must agree to the bit. */
export const emittedBlocks = (
  tx: AnyGradientTransformation,
  course: BlockCourse,
  dtype: 'float32' | 'float64' = 'float64'
): readonly Blocks[] => {
  const fused = driven(tx, course, dtype)
  const plain = withEngine(reference, () => driven(tx, course, dtype))
  // `expect` costs more than the update; it is there for its message.
  if (!isSame(fused, plain)) expect(fused, 'the engines disagree').toStrictEqual(plain)
  return fused
}

/** The update of the last of these steps. */
export type BlockOracle = (steps: readonly BlockStep[], shapes: readonly Shape[]) => Blocks

/** Compares each element with an error that is a share of the largest one of its leaf, or of another size given. */
const expectNear = (
  found: readonly Blocks[],
  { shapes, steps }: BlockCourse,
  oracle: BlockOracle,
  share: number,
  sizes: BlockOracle
): void => {
  found.forEach((blocks, t) => {
    const wanted = oracle(steps.slice(0, t + 1), shapes)
    const scale = sizes(steps.slice(0, t + 1), shapes)
    blocks.forEach((block, leaf) => {
      const size = Math.max(0, ...(scale[leaf] as readonly number[]).map(Math.abs))
      expect(block).toHaveLength(lengthOf(shapes[leaf] as Shape))
      block.forEach((u, i) => {
        const w = wanted[leaf]?.[i] as number
        if (!Object.is(u, w) && !(Math.abs(u - w) <= share * size + (share > 1e-9 ? 1e-30 : 1e-290)))
          throw new Error(`step ${t}, leaf ${leaf}, element ${i}: ${u}, the oracle says ${w}`)
      })
    })
  })
}

const rounded = ({ shapes, steps }: BlockCourse): BlockCourse => {
  const all = (blocks: Blocks): Blocks =>
    blocks.map((block, i) => (shapes[i] === null ? block : block.map((x) => Math.fround(x))))
  return { shapes, steps: steps.map((s) => ({ ...s, params: all(s.params), grads: all(s.grads) })) }
}

/**
 * Compares with an oracle, in float64 and in float32. Errors are shares of the largest element of the leaf, or of that of
 * what `sizes` says: some 1e-15 for each operation in float64; in float32 each factor is rounded once more, by 6e-8.
 */
export const expectBlockOracle = (
  tx: AnyGradientTransformation,
  course: BlockCourse,
  oracle: BlockOracle,
  { sizes = oracle, in32 = true }: { readonly sizes?: BlockOracle; readonly in32?: boolean } = {}
): void => {
  expectNear(emittedBlocks(tx, course), course, oracle, 1e-12, sizes)
  const narrow = rounded(course)
  const found = emittedBlocks(tx, narrow, 'float32')
  if (in32) expectNear(found, narrow, oracle, 2e-6, sizes)
}

/** Whether two transformations emit the same numbers, ±0 being one, up to a share of the largest element of the leaf. */
export const expectSameBlocks = (
  one: AnyGradientTransformation,
  other: AnyGradientTransformation,
  course: BlockCourse,
  share = 0
): void => {
  // Engines agree to the bit, so one is run on either.
  const wanted = withEngine(reference, () => driven(other, course, 'float64'))
  expectNear(
    driven(one, course, 'float64'),
    course,
    (steps) => wanted[steps.length - 1] as Blocks,
    share,
    (steps) => wanted[steps.length - 1] as Blocks
  )
}

/** √Σx². */
export const normOf = (elements: readonly number[]): number => Math.sqrt(elements.reduce((sum, x) => sum + x * x, 0))

/** The last step of those so far. */
export const lastStep = (steps: readonly BlockStep[]): BlockStep => steps[steps.length - 1] as BlockStep

/** An oracle that treats each leaf as if it were alone. */
export const eachBlock =
  (f: (g: readonly number[], p: readonly number[], shape: Shape) => readonly number[]): BlockOracle =>
  (steps, shapes) => {
    const { grads, params } = lastStep(steps)
    return shapes.map((shape, i) => f(grads[i] as readonly number[], params[i] as readonly number[], shape))
  }

/** For each element the number of the slice that it is in, where the slices run along the given axes. */
export const unitsOf = (shape: readonly number[], axes: readonly number[]): readonly number[] => {
  const strides = shape.map((_, axis) => lengthOf(shape.slice(axis + 1)))
  return Array.from({ length: lengthOf(shape) }, (_, i) =>
    shape.reduce((unit, length, axis) => {
      const at = Math.floor(i / (strides[axis] as number)) % length
      return axes.includes(axis) ? unit : unit * length + at
    }, 0)
  )
}

/** For each element what `f` says of the elements that are in its slice. */
export const perUnit = (
  elements: readonly number[],
  shape: readonly number[],
  axes: readonly number[],
  f: (unit: readonly number[]) => number
): readonly number[] => {
  const units = unitsOf(shape, axes)
  const found = new Map<number, number>()
  return units.map((unit) => {
    const value = found.get(unit) ?? f(elements.filter((_, i) => units[i] === unit))
    found.set(unit, value)
    return value
  })
}

/** Which axes are summed over for a norm of each unit, when nobody says it. */
export const defaultAxes = (shape: readonly number[]): readonly number[] => {
  if (shape.filter((length) => length !== 1).length <= 1) return shape.map((_, axis) => axis)
  return shape.length <= 3 ? [0] : shape.slice(1).map((_, axis) => axis)
}

/** The norm of the unit of each element. */
export const unitNorms = (elements: readonly number[], shape: Shape, axis?: readonly number[]): readonly number[] =>
  shape === null ? elements.map(Math.abs) : perUnit(elements, shape, axis ?? defaultAxes(shape), normOf)

/** Numbers of the size that gradients have; now and then 0. */
export const anElement: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x)) },
  { weight: 2, arbitrary: fc.integer({ min: -4, max: 4 }) }
)

/** Shapes of any rank up to 5, without elements, with one, and with widths around those of SIMD registers. */
export const aShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant(null),
  fc.constantFrom([0], [1], [2], [3], [5], [9]),
  fc.constantFrom([0, 3], [3, 0], [1, 1], [1, 4], [4, 1], [2, 3], [3, 5], [4, 4]),
  fc.constantFrom([2, 3, 2], [1, 2, 3], [2, 1, 3, 2], [2, 2, 1, 3], [1, 1, 5, 1], [2, 1, 2, 1, 3])
)

/** A few leaves with params and gradients for some steps, and what the loss was. */
export const aBlockCourse = (element = anElement, shape = aShape): fc.Arbitrary<BlockCourse> =>
  fc.array(shape, { maxLength: 4 }).chain((shapes) => {
    const blocks = fc.tuple(
      ...shapes.map((s) => {
        const n = lengthOf(s)
        return fc.oneof(
          { weight: 9, arbitrary: fc.array(element, { minLength: n, maxLength: n }) },
          { weight: 1, arbitrary: fc.constant(new Array<number>(n).fill(0)) }
        )
      })
    )
    const step = fc.record({ params: blocks, grads: blocks, value: fc.double({ min: -10, max: 1e3, noNaN: true }) })
    return fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => ({ shapes, steps }))
  })

/** What the golden values below are for. */
export const GOLDEN_BLOCKS: BlockCourse = {
  shapes: [[2, 3], [3], null],
  steps: [
    {
      params: [[1, -2, 0.5, 0.25, 3, -1.5], [0.125, 0, -0.75], [2]],
      grads: [[0.5, -2, 3, 1.25, 0.75, -0.125], [0.25, -1, 0.5], [-1.5]],
      value: 3.5
    },
    {
      params: [[1.25, -1.5, 0.75, 0.5, 2, -1], [0.25, 0.125, -0.5], [1.5]],
      grads: [[1.5, 0.25, -1, 2, -0.5, 1.75], [0, 0, 0], [0.75]],
      value: 2.25
    },
    {
      params: [[0, 0, 0, 0, 0, 0], [0.375, -0.25, 0.0625], [0.001]],
      grads: [[-0.75, -2, 0.125, -1, 3, 0.5], [-2, 0.75, 1], [0.25]],
      value: -0.5
    },
    {
      params: [[1.75, -0.5, 1.25, 0.75, 1, -0.25], [0.5, -0.375, 1], [0]],
      grads: [[0, 1, 4, -0.25, 0.125, 1], [1.5, -1.25, 0.125], [-0.5]],
      value: 1.75
    },
    {
      params: [[2, 0.25, 1.5, 1, 0.5, 0.125], [0.75, -0.5, 1.25], [-1]],
      grads: [[0.0625, -0.03125, 0.25, 0.125, -0.5, 0.75], [-0.0625, 0.5, 0.25], [2]],
      value: 0.25
    }
  ]
}

/** Compares with what Optax 0.2.8 emits in float64 (JAX 0.10, CPU) for {@link GOLDEN_BLOCKS}, a row for each step. */
export const expectBlockGolden = (tx: AnyGradientTransformation, golden: readonly (readonly number[])[]): void => {
  const found = emittedBlocks(tx, GOLDEN_BLOCKS)
  expect(golden).toHaveLength(found.length)
  found.forEach((blocks, t) => {
    blocks.flat().forEach((u, i) => {
      const wanted = golden[t]?.[i] as number
      // The order of operations may differ: some ulps.
      if (!(Math.abs(u - wanted) <= 1e-13 * Math.max(1e-6, Math.abs(wanted))))
        throw new Error(`step ${t}, number ${i}: ${u}, Optax has ${wanted}`)
    })
    expect(golden[t]).toHaveLength(blocks.flat().length)
  })
}
