// Longer courses, of vectors and of matrices, for what the real Optax and PyTorch compute in float64.
import {
  type AnyGradientTransformation,
  chain,
  type EmptyState,
  Expr,
  ndarray,
  reference,
  transformation,
  withEngine
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { expect } from 'vitest'
import { type Course, emitted, emittedFloat32, near } from './courses.js'
import { elementsOf, leavesOf, type Values } from './trees.js'

type Table = readonly (readonly number[])[]

/** Six steps of three elements. */
export const SIX: Course = {
  params: [1, -2, 0.5],
  gradients: [
    [0.5, -2, 3],
    [1.5, 0.25, -1],
    [-0.75, -2, 0.125],
    [0, 1, 4],
    [0.3, -0.1, -2.5],
    [-1.2, 0.7, 1]
  ]
}

/** Params and gradients as trees. */
export interface TreeCourse {
  readonly params: Values
  readonly gradients: readonly Values[]
}

const matrixAndVector = (numbers: readonly number[]): Values => ({
  w: ndarray(Float64Array.from(numbers.slice(0, 6)), [2, 3]),
  b: Float64Array.from(numbers.slice(6))
})

/** Five steps of a 2 × 3 matrix and a vector of 2. */
export const SHAPED: TreeCourse = {
  params: matrixAndVector([1, -2, 0.5, 3, 0.25, -1, 2, -0.5]),
  gradients: [
    [0.5, -2, 3, 1, 0.25, -1, 4, -3],
    [1.5, 0.25, -1, -2, 3, 0.5, 0, 1],
    [-0.75, -2, 0.125, 1, 0, 2, 0.5, -0.5],
    [0.3, 1, 4, -1, -0.5, 0.75, -2, 2],
    [2, -0.1, -2.5, 0.2, 1, -3, 1, 0.1]
  ].map(matrixAndVector)
}

interface Plain {
  readonly init: (params: Values) => unknown
  readonly update: (updates: Values, state: unknown, params: Values) => readonly [Values, unknown]
}

/** The updates for the same params at every step, as the numbers of all leaves; the engines must agree to the bit. */
export const emittedTrees = (tx: AnyGradientTransformation, { params, gradients }: TreeCourse): Table => {
  // What form the trees have is not known to the types here.
  const { init, update } = tx as unknown as Plain
  const driven = (): Table => {
    let state = init(params)
    return gradients.map((g) => {
      const [updates, next] = update(g, state, params)
      state = next
      return leavesOf(updates).flatMap(elementsOf)
    })
  }
  const fused = driven()
  expect(fused, 'the engines disagree').toStrictEqual(withEngine(reference, driven))
  return fused
}

/** Whether numbers are those of a table, up to 1e-12 of the larger of 1 and the number. */
export const expectTable = (found: Table, wanted: Table): void => {
  expect(found).toHaveLength(wanted.length)
  found.forEach((row, t) => {
    expect(row).toHaveLength(wanted[t]?.length ?? 0)
    row.forEach((u, i) => {
      const golden = wanted[t]?.[i] as number
      if (!near(u, golden, Math.max(1, Math.abs(golden))))
        throw new Error(`step ${t}, element ${i}: ${u}, the table has ${golden}`)
    })
  })
}

/** Compares with what Optax 0.2.8 (JAX 0.10, CPU) or PyTorch 2.13 gives in float64 for {@link SIX}. */
export const expectSix = (tx: AnyGradientTransformation, table: Table): void => expectTable(emitted(tx, SIX), table)

/** The same for {@link SHAPED}. */
export const expectShaped = (tx: AnyGradientTransformation, table: Table): void =>
  expectTable(emittedTrees(tx, SHAPED), table)

/** The link after one of ours computes in float32 with the updates of float32 gradients, whatever the dtype of the state. */
export const expectFloat32Inside = (tx: AnyGradientTransformation): void => {
  const dtypes = new Set<string>()
  const look = transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => {
      for (const leaf of tree.leaves(updates)) if (leaf instanceof Expr) dtypes.add(leaf.dtype)
      return [updates, state]
    }
  })
  emittedFloat32(chain(tx, look), SIX)
  expect([...dtypes]).toStrictEqual(['float32'])
}
