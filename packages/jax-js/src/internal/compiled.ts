// An update on what stands for arrays in jit and grad, each node of it an operation of jax-js.
import { type AnyGradientTransformation, InvalidOption, InvalidTree, show } from '@gradchain/core'
import { originOf } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { Array as JaxArray, numpy as np } from '@jax-js/jax'
import { type Call, type Course, courseOf, Differs, type Start, startOf } from './course.js'
import { formOf, isArray } from './library.js'
import { leavesOf, type Recording, Slot, slotsIn } from './record.js'
import { replay } from './replay.js'
import { type Progress, tableOf } from './rows.js'
import { type ArrayTree, arraysFor, numberArray, withoutEmpty } from './states.js'

/** What an update is given; `null` for params that are left out. */
export interface Given {
  readonly grads: unknown
  readonly params: unknown
  readonly extra: unknown
}

interface Known {
  readonly start: Start
  readonly call: Call
  readonly course: Course
}

/** The tree with the structure and the order of another. */
export const inOrderOf = (like: unknown, value: unknown): never =>
  tree.map((_: unknown, leaf: unknown) => leaf as never, like as never, value as never) as never

/** The extra argument with arrays where there are numbers, which may be others in the next call. */
const withArrays = (extra: unknown): unknown =>
  tree.mapWithPath((path, leaf: unknown) => {
    if (typeof leaf !== 'function') return (typeof leaf === 'number' ? numberArray(leaf) : leaf) as never
    throw new InvalidTree(`jaxjs: the extra argument${path} is a function, which a jitted update cannot call`)
  }, extra as never)

/** A tree of arrays as slots; leaves that are none are refused by their place. In an extra argument they are left alone. */
export const slotsOf = (what: string, value: unknown, isExtra = false): unknown =>
  tree.mapWithPath((path, leaf: unknown) => {
    if (!isArray(leaf)) {
      if (isExtra) return leaf as never
      throw new InvalidTree(`jaxjs: ${what}${path} is ${show(leaf)}; a leaf must be a jax.Array`)
    }
    if (isExtra && leaf.ndim === 0) return new Slot({ dtype: 'number', shape: [] }) as never
    const form = formOf(leaf)
    if (typeof form === 'string') throw new InvalidTree(`jaxjs: ${what}${path} is a jax.Array that ${form}`)
    return new Slot(form) as never
  }, value as never)

const signatureOf = (slots: unknown): string =>
  JSON.stringify(
    tree.map(
      (leaf: unknown) => (leaf instanceof Slot ? `${leaf.form.dtype} ${leaf.form.shape}` : String(leaf)) as never,
      slots as never
    ) ?? null
  )

/** The first part of an optimizer that something is wrong with, as it is called. */
const culprit = (
  optimizer: AnyGradientTransformation,
  isWrong: (part: AnyGradientTransformation) => boolean
): string => {
  const origin = originOf(optimizer.update)
  for (const part of origin?.slice(1) ?? []) {
    if (isTransformation(part) && isWrong(part)) return culprit(part, isWrong)
  }
  return origin?.[0] ?? 'the optimizer'
}

const isTransformation = (value: unknown): value is AnyGradientTransformation =>
  typeof value === 'object' && value !== null && 'update' in value && 'init' in value

/** What is known of an optimizer for some trees of arrays. */
export class Compiled {
  readonly #optimizer: AnyGradientTransformation
  readonly #steps: number
  readonly #starts = new Map<string, Start | null>()
  readonly #courses = new Map<string, Known>()
  readonly #progress: Progress = { steps: 0 }

  constructor(optimizer: AnyGradientTransformation, steps: number) {
    this.#optimizer = optimizer
    this.#steps = steps
  }

  /** Says that states have come so far. */
  reached(count: number): void {
    this.#progress.steps = Math.max(this.#progress.steps, count)
  }

  /** How states for some params begin; `null` where what is known of them depends on data. */
  startFor(params: unknown): Start | null {
    const key = signatureOf(params)
    const known = this.#starts.get(key)
    if (known !== undefined) return known
    const start = startOf(this.#optimizer, params)
    this.#starts.set(key, start)
    return start
  }

  /** The program of an update. */
  courseFor({ grads: given, params: owner, extra: more }: Given): Known {
    const grads = slotsOf('grads', given)
    const params = owner === null ? slotsOf('grads', given) : slotsOf('params', owner)
    const extra = more === undefined ? undefined : slotsOf('the extra argument', more, true)
    const key = [grads, owner === null ? null : params, extra].map(signatureOf).join()
    const known = this.#courses.get(key)
    if (known !== undefined) return known
    const start = this.startFor(params)
    if (start === null) throw new InvalidOption(this.#readsData(params))
    // The state is for those params.
    const call: Call = { grads, params: start.params, extra }
    const course = this.#courseOf(start, call)
    if (owner === null) for (const { recording } of course.programs) refuseParams(recording, start)
    const made = { start, call, course }
    this.#courses.set(key, made)
    return made
  }

  #courseOf(start: Start, call: Call): Course {
    try {
      return courseOf(this.#optimizer, start, call)
    } catch (error) {
      if (!(error instanceof Differs)) throw error
      throw new Differs(culprit(this.#optimizer, (part) => isDifferent(part, call)))
    }
  }

  #readsData(params: unknown): string {
    const name = culprit(this.#optimizer, (part) => startOf(part, params) === null)
    return `jaxjs: what ${name} does next depends on the elements of arrays, which cannot be read under jit; update outside of it`
  }

  init(given: unknown): ArrayTree {
    const params = slotsOf('params', given)
    const start = this.startFor(params)
    if (start === null) throw new InvalidOption(this.#readsData(params))
    const made = leavesOf(start.recording.outputs[0])
    const slots = made.filter((leaf) => leaf instanceof Slot)
    const arrays = replay(start.recording, bound(start.params, given, 'params'), slots, null, noColumn)
    let at = 0
    const leaves = made.map((leaf) => (leaf instanceof Slot ? arrays[at++] : leaf))
    return { count: np.array(new Int32Array([0]), { shape: [] }), state: stateOf(start, leaves) }
  }

  update({ extra, ...arrayed }: Given, state: ArrayTree): [ArrayTree, ArrayTree] {
    const given = { ...arrayed, extra: extra === undefined ? extra : withArrays(extra) }
    const { course, call, start } = this.courseFor(given)
    const { count, state: parts } = open(state)
    const arrays = new Map<Slot, np.Array>(bound(call.grads, given.grads, 'grads'))
    const add = (slots: unknown, values: readonly np.Array[]): void => {
      slotsIn(slots).forEach((slot, i) => arrays.set(slot, values[i] as np.Array))
    }
    add(start.state, arraysFor(start.state, parts, 'state'))
    if (given.params !== null) add(call.params, arraysFor(call.params, given.params, 'params'))
    if (given.extra !== undefined) add(call.extra, arraysFor(call.extra, given.extra, 'the extra argument'))

    const row = this.#rowOf(course, count)
    const column = (i: number): np.Array => (row as np.Array).ref.slice(i)
    const results = course.programs.map(({ numbers, recording }, i) => {
      const [updates, next] = recording.outputs
      const leaves = [...leavesOf(inOrderOf(call.params, updates)), ...leavesOf(inOrderOf(start.state, next))]
      const isLast = i === course.programs.length - 1
      const own = isLast ? arrays : new Map([...arrays].map(([slot, array]) => [slot, array.ref]))
      const outputs = leaves.filter((leaf) => leaf instanceof Slot)
      const made = replay(recording, own, outputs, numbers, column)
      let at = 0
      return leaves.map((leaf) => (leaf instanceof Slot ? (made[at++] as np.Array) : leaf))
    })
    const chosen = results.length === 1 ? (results[0] as readonly unknown[]) : choice(column(0), results)
    row?.dispose()
    const { length } = leavesOf(call.params)
    const whole = tree.unflatten(call.params as never, chosen.slice(0, length))
    return [
      inOrderOf(given.params ?? given.grads, whole),
      { count: count.add(1), state: stateOf(start, chosen.slice(length)) }
    ]
  }

  /** The numbers of a step. */
  #rowOf({ columns, row }: Course, count: np.Array): np.Array | null {
    if (columns === 0) return null
    if (count instanceof JaxArray) this.reached(count.ref.item() + 1)
    const table = tableOf(columns, row, this.#progress, this.#steps)
    const last = (table.shape[0] as number) - 1
    return table.slice(np.minimum(count.ref, last))
  }
}

/** Whether steps of a transformation differ from each other. */
const isDifferent = (part: AnyGradientTransformation, call: Call): boolean => {
  const start = startOf(part, call.params)
  try {
    if (start !== null) courseOf(part, start, call)
    return false
  } catch (error) {
    return error instanceof Differs
  }
}

const noColumn = (): never => {
  throw new TypeError('the numbers of init do not move')
}

const bound = (slots: unknown, given: unknown, what: string): Map<Slot, np.Array> => {
  const arrays = arraysFor(slots, given, what)
  return new Map(slotsIn(slots).map((slot, i) => [slot, arrays[i] as np.Array]))
}

/** What came of the program of an index, of all. */
const choice = (index: np.Array, results: readonly (readonly unknown[])[]): readonly unknown[] => {
  const [first, ...rest] = results as [readonly unknown[], ...(readonly unknown[])[]]
  const chosen = first.map((leaf, i) => {
    const alternatives = rest.map((result) => result[i])
    if (!isArray(leaf) && !alternatives.some(isArray)) return leaf
    const array = (one: unknown): np.Array => (isArray(one) ? one : numberArray(one as number))
    return alternatives.reduce(
      (made: np.Array, one, k) => np.where(np.equal(index.ref, k + 1), array(one), made),
      array(leaf)
    )
  })
  index.dispose()
  return chosen
}

/** The tree of the arrays of a state, out of the leaves of a whole one. */
const stateOf = (start: Start, leaves: readonly unknown[]): ArrayTree => {
  const values = leavesOf(start.state).map((leaf, i) => {
    if (!(leaf instanceof Slot)) return null
    const made = leaves[i]
    return typeof made === 'number' ? numberArray(made) : made
  })
  return withoutEmpty(tree.unflatten(start.state as never, values))
}

/** The count and the arrays of a state. */
export const open = (state: ArrayTree): { readonly count: np.Array; readonly state: unknown } => {
  const { count, state: parts } = state as { readonly count?: unknown; readonly state?: unknown }
  if (!isArray(count) || count.ndim !== 0) {
    throw new InvalidTree(`jaxjs: state.count must be a jax.Array of shape [], got ${show(count)}`)
  }
  return { count, state: parts }
}

/** Refuses that params are left out that are computed with. */
const refuseParams = ({ instructions, outputs }: Recording, { params }: Start): void => {
  const slots = new Set(slotsIn(params))
  const isUsed = [
    ...instructions.map((instruction) => ('operands' in instruction ? instruction.operands : [])),
    slotsIn(outputs)
  ].some((operands) => operands.some((x) => x instanceof Slot && slots.has(x)))
  if (isUsed) throw new InvalidTree('jaxjs: params must be given to update, as this optimizer computes with them')
}
