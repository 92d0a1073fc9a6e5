import type { AnyGradientTransformation, NdArray } from '@gradchain/core'
import { type ArrayForm, type ArrayLibrary, type GraphNode, onArrays } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'

let slots = 0

/** An array that is not there yet. */
export class Slot {
  readonly form: ArrayForm
  readonly id = slots++

  constructor(form: ArrayForm) {
    this.form = form
  }
}

/** What is done with the arrays of an update, in order: an operation, or a copy of an array of the host. */
export type Instruction =
  | { readonly node: GraphNode; readonly operands: readonly (Slot | number)[]; readonly result: Slot }
  | { readonly constant: NdArray; readonly result: Slot }

/** What an update does, and what comes out: trees of slots, and of what the host knows. */
export interface Recording {
  readonly instructions: readonly Instruction[]
  readonly outputs: readonly unknown[]
}

/** Thrown where the next thing to do depends on the elements of an array. */
export class DependsOnData extends Error {}

/** Writes down what an optimizer does with arrays, instead of doing it. */
export interface Recorder {
  readonly init: (params: unknown) => Recording
  readonly update: (grads: unknown, state: unknown, params: unknown, extra: unknown) => Recording
}

/** The leaves of a tree, in its order. */
export const leavesOf = (value: unknown): readonly unknown[] => tree.leaves(value as never)

/** The tree of `f(leaf, …)` over trees of the structure of the first, in its order. */
export const mapped = (f: (...leaves: unknown[]) => unknown, ...trees: readonly unknown[]): unknown =>
  tree.map(f as never, ...(trees as [never]))

/** The slots among the leaves of a tree. */
export const slotsIn = (value: unknown): readonly Slot[] => leavesOf(value).filter((leaf) => leaf instanceof Slot)

/** What a recording does, in words that are the same where all but its numbers is. */
export const patternOf = ({ instructions, outputs }: Recording): string => {
  const places = new Map<Slot, number>()
  const nameOf = (x: unknown): string => {
    if (!(x instanceof Slot)) return typeof x === 'number' ? '#' : String(x)
    return `${places.get(x) ?? `$${x.id}`}`
  }
  const lines = instructions.map((instruction) => {
    places.set(instruction.result, places.size)
    const { dtype, shape } = instruction.result.form
    if ('constant' in instruction) return `${dtype} ${shape} = ${Array.from(instruction.constant.data)}`
    const { node, operands } = instruction
    const { name, axes, by, order, transposeA, transposeB } = { ...NOTHING, ...node }
    return `${dtype} ${shape} = ${name} ${[axes, by, order, transposeA, transposeB]} (${operands.map(nameOf)})`
  })
  const ends: string[] = []
  for (const output of outputs) {
    tree.mapWithPath(
      (path: string, leaf: unknown) =>
        ends.push(`${path} ${leaf instanceof Slot ? nameOf(leaf) : typeof leaf}`) as never,
      output as never
    )
  }
  return [...lines, ...ends].join('\n')
}

const NOTHING = { axes: undefined, by: undefined, order: undefined, transposeA: undefined, transposeB: undefined }

/** The numbers that a recording computes with, in order. */
export const numbersOf = ({ instructions }: Recording): readonly number[] =>
  instructions.flatMap((instruction) =>
    'constant' in instruction ? [] : instruction.operands.filter((x) => typeof x === 'number')
  )

/** What is read of an array that is not there: the same everywhere. */
const filled = ({ dtype, shape }: ArrayForm, value: number): NdArray => {
  const size = shape.reduce((product, length) => product * length, 1)
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(size).fill(value) }
  if (dtype === 'bfloat16' || dtype === 'float16') return { dtype, shape, data: new Uint16Array(size).fill(value) }
  return { dtype: 'float64', shape, data: new Float64Array(size).fill(value) }
}

/** A recorder for an optimizer. What it says depends on the forms of arrays, and on the numbers in a state. */
export const recorderOf = (optimizer: AnyGradientTransformation): Recorder => {
  let instructions: Instruction[] = []
  let element = 1
  let isRead = false
  const written = (instruction: Instruction): Slot => {
    instructions.push(instruction)
    return instruction.result
  }
  const library: ArrayLibrary<Slot> = {
    name: 'jaxjs',
    arrayName: 'a jax.Array',
    isArray: (value) => value instanceof Slot,
    formOf: ({ form }) => form,
    compute: (node, operands) => {
      const { dtype, shape } = node
      return written({ node, operands, result: new Slot({ dtype, shape }) })
    },
    fromHost: (constant) => {
      const { dtype, shape } = constant
      return written({ constant, result: new Slot({ dtype, shape }) })
    },
    toHost: ({ form }) => {
      isRead = true
      return filled(form, element)
    },
    clone: (array) => array,
    release: () => {},
    keepsNumbers: true
  }
  const { init, update } = onArrays(library, optimizer)

  const recorded = (run: () => readonly unknown[]): Recording => {
    instructions = []
    const outputs = run()
    return { instructions, outputs }
  }

  /** A mask that asks for shapes reads elements, too: what comes of it must not depend on them. */
  const blind = (run: () => readonly unknown[]): Recording => {
    element = 1
    isRead = false
    const recording = recorded(run)
    if (!isRead) return recording
    element = 2
    const other = recorded(run)
    const isSame = patternOf(recording) === patternOf(other) && `${numbersOf(recording)}` === `${numbersOf(other)}`
    if (!isSame) throw new DependsOnData()
    return recording
  }

  return {
    init: (params) => blind(() => [init(params as never)]),
    update: (grads, state, params, extra) =>
      blind(() => update(grads as never, state as never, params as never, ...([extra] as [never])))
  }
}
