// What an update does in every step, as programs, and the numbers in them that move from step to step.
import { type AnyGradientTransformation, Expr, InvalidOption } from '@gradchain/core'
import { rehearse, standIn } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import {
  DependsOnData,
  leavesOf,
  mapped,
  numbersOf,
  patternOf,
  type Recorder,
  type Recording,
  recorderOf,
  Slot,
  slotsIn
} from './record.js'

/** How a state begins: what is done to make its arrays, and what the host knows of it. */
export interface Start {
  readonly recorder: Recorder
  /** The params that it is made of. */
  readonly params: unknown
  readonly recording: Recording
  /** The state: slots for its arrays, and for the numbers that depend on data; the rest is known. */
  readonly state: unknown
}

/** Where a number of a program comes from: it is always the same, or stands in a column of the table. */
export type NumberSource = { readonly value: number } | { readonly column: number }

/** What is done in some of the steps. */
export interface Program {
  readonly recording: Recording
  /** The sources of its numbers, in order. */
  readonly numbers: readonly NumberSource[]
}

/** An update in all steps. */
export interface Course {
  /** What is done: one of these in each step. */
  readonly programs: readonly Program[]
  /** How many columns there are; where there are many programs, the first says which of them it is. */
  readonly columns: number
  /** The numbers of a step in its columns. */
  readonly row: (step: number) => readonly number[]
}

/** What an update is called with, as slots. */
export interface Call {
  readonly grads: unknown
  readonly params: unknown
  readonly extra: unknown
}

/** Thrown where a step does something that none of the first steps did. */
export class Differs extends InvalidOption {
  constructor(owner = 'the optimizer') {
    super(
      `jaxjs: ${owner} does too many things, each in some steps only, for a compiled update to know them all; update outside of jit`
    )
  }
}

/** So many steps at the beginning are looked at. */
const BEGINNING = 64
/** And these, where what counts in a state goes on as it began. */
const FAR = [100, 10_000, 1_000_000]
/** Of steps up to here, each a quarter further away than the one before, the numbers are looked at, too. */
const FARTHEST = 2 ** 18
/** So many steps are recorded of those that do the same, and more where numbers are the same in these that are not in others. */
const SAMPLES = 3
/** More programs are too many. */
const MOST_PROGRAMS = 4
/** Within so many steps it is seen which numbers depend on data. */
const FIRST = 6
/** So many params are tried as the only one. */
const MOST_TRIED = 16

const NUMBER = { dtype: 'number', shape: [] } as const

/** What there is for the updates of an optimizer that ask for the value of a loss. */
export const someValue = (): { readonly value: Slot } => ({ value: new Slot(NUMBER) })

/** A fresh slot for every array of a tree of slots. */
export const fresh = (value: unknown): unknown =>
  mapped((leaf) => (leaf instanceof Slot ? new Slot(leaf.form) : leaf), value)

/** The state for the next step: what is known moves on, arrays come in where they came in before. */
const movedOn = (state: unknown, next: unknown): unknown =>
  mapped((slot, leaf) => (slot instanceof Slot ? slot : leaf), state, next)

/** How the states of an optimizer begin for some params; `null` where what the host has to know of them depends on data. */
export const startOf = (optimizer: AnyGradientTransformation, params: unknown): Start | null => {
  const recorder = recorderOf(optimizer)
  try {
    const recording = recorder.init(params)
    const begun = fresh(recording.outputs[0])
    for (const extra of [undefined, someValue()]) {
      const state = settled(recorder, begun, { grads: fresh(params), params, extra })
      if (state !== null) return { recorder, params, recording, state }
    }
    return null
  } catch (error) {
    if (error instanceof DependsOnData) return null
    throw error
  }
}

/** The state in which every number that an update makes out of data is a slot; `null` where there is none. */
const settled = (recorder: Recorder, begun: unknown, { grads, params, extra }: Call): unknown => {
  try {
    let first = begun
    let state = first
    for (let step = 0; step < FIRST; step++) {
      const [, next] = recorder.update(grads, state, params, extra).outputs
      const isNew = (leaf: unknown, later: unknown): boolean => later instanceof Slot && !(leaf instanceof Slot)
      const found = slotsIn(mapped((leaf, later) => (isNew(leaf, later) ? later : null), first, next)).length > 0
      if (found) {
        // Numbers that were known before, and will not be any more.
        first = mapped((leaf, later) => (isNew(leaf, later) ? new Slot(NUMBER) : leaf), first, next)
        state = first
        step = -1
      } else state = movedOn(first, next)
    }
    return first
  } catch (error) {
    // An extra argument that is not there, or a state that does not keep its structure.
    if (error instanceof DependsOnData || error instanceof TypeError || error instanceof RangeError) return null
    if (error instanceof Error && error.name.startsWith('Invalid')) return null
    throw error
  }
}

/** The state after many steps, if what counts in it goes on as it does between two states. */
const far = (from: unknown, to: unknown, steps: number): unknown =>
  mapped(
    (a, b) => (typeof a === 'number' && typeof b === 'number' && Number.isInteger(b - a) ? a + (b - a) * steps : a),
    from,
    to
  )

/** One step after the other, in the states that they lead to; steps far away are tried. */
class States<S> {
  readonly #begun: unknown
  readonly #take: (state: unknown) => readonly [seen: S, next: unknown]
  #state: unknown
  #one: unknown
  #step = 0

  constructor(begun: unknown, take: (state: unknown) => readonly [seen: S, next: unknown]) {
    this.#begun = begun
    this.#state = begun
    this.#take = take
  }

  /** Whether the host knows of a number in the state that moves. */
  get counts(): boolean {
    if (this.#one === undefined) this.at(0)
    const later = leavesOf(this.#one)
    return leavesOf(this.#begun).some((leaf, i) => typeof leaf === 'number' && !Object.is(leaf, later[i]))
  }

  /** The state before a step. */
  before(step: number): unknown {
    if (step < this.#step) {
      this.#state = this.#begun
      this.#step = 0
    }
    while (this.#step < step) this.#next()
    return this.#state
  }

  #next(): S {
    const [seen, next] = this.#take(this.#state)
    this.#state = next
    this.#step += 1
    if (this.#step === 1) this.#one = next
    return seen
  }

  at(step: number): S {
    this.before(step)
    return this.#next()
  }

  /** What a step far away would be; `null` where no state is like that. */
  farAt(step: number): S | null {
    if (this.#one === undefined) this.at(0)
    try {
      return this.#take(far(this.#begun, this.#one, step))[0]
    } catch {
      return null
    }
  }
}

/** The slots of a tree as what can be computed with, but not evaluated. */
const stoodIn = (value: unknown): unknown => mapped((leaf) => (leaf instanceof Slot ? standIn(leaf.form) : leaf), value)

interface Seen {
  readonly pattern: string
  readonly numbers: readonly number[]
}

/** Steps without arrays. */
const rehearsals = (optimizer: AnyGradientTransformation, state: unknown, call: Call): States<Seen> => {
  const begun = stoodIn(state)
  const [grads, params, extra] = [call.grads, call.params, call.extra].map((value) => value && stoodIn(value))
  return new States(begun, (before) => {
    const { next, ...seen } = rehearse(optimizer, grads, before, params, extra)
    return [seen, mapped((array, leaf) => (array instanceof Expr ? array : leaf), begun, next)]
  })
}

/** How far it was gone for each start: steps only get more, as a rule. */
const walks = /* @__PURE__ */ new WeakMap<Start, States<Seen>>()

/** What the host knows of a state after some steps; where arrays are stands an expression. */
export const stateAfter = (optimizer: AnyGradientTransformation, start: Start, steps: number): unknown => {
  const call = { grads: fresh(start.params), params: start.params, extra: someValue() }
  const walk = walks.get(start) ?? rehearsals(optimizer, start.state, call)
  walks.set(start, walk)
  return walk.before(steps)
}

/** Steps as they are recorded. */
const recordings = ({ recorder, state }: Start, { grads, params, extra }: Call): States<Recording> =>
  new States(state, (before) => {
    const recording = recorder.update(grads, before, params, extra)
    return [recording, movedOn(state, recording.outputs[1])]
  })

/** The tree with one leaf alone. */
const only = (whole: unknown, kept: number): unknown =>
  tree.unflatten(
    whole as never,
    leavesOf(whole).map((leaf, i) => (i === kept ? leaf : null))
  )

/** How a number is in some rows. */
const keyOf = (rows: readonly (readonly number[])[], i: number): string =>
  rows.map((row) => (Object.is(row[i], -0) ? '-0' : String(row[i]))).join()

/** Steps that do the same, of an update that takes little time, and which of them are to be recorded of the whole one. */
interface Group {
  readonly rows: readonly (readonly number[])[]
  /** The steps to be recorded; those far away are negative. */
  readonly samples: readonly number[]
  readonly sampled: readonly (readonly number[])[]
}

/** What is seen in a step; those far away are negative. */
interface Row {
  readonly step: number
  readonly numbers: readonly number[]
}

/** The steps to be recorded: numbers that are the same in them are the same in all. */
const samplesOf = (rows: readonly Row[]): readonly Row[] => {
  const samples = rows.filter(({ step }, i) => (step >= 0 ? i < SAMPLES : FAR.includes(-step)))
  if (samples.length === 0) samples.push(rows[0] as Row)
  const { length } = (rows[0] as Row).numbers
  const differing = (): Row | undefined => {
    const first = new Map<string, number>()
    const sampled = samples.map(({ numbers }) => numbers)
    for (let i = 0; i < length; i++) {
      const key = keyOf(sampled, i)
      const known = first.get(key)
      if (known === undefined) first.set(key, i)
      else {
        const other = rows.find(({ numbers }) => !Object.is(numbers[i], numbers[known]))
        if (other !== undefined) return other
      }
    }
    return undefined
  }
  for (let row = differing(); row !== undefined; row = differing()) samples.push(row)
  return samples
}

interface Model {
  readonly steps: States<Seen>
  readonly groups: ReadonlyMap<string, Group>
}

const modelOf = (optimizer: AnyGradientTransformation, state: unknown, call: Call): Model => {
  const steps = rehearsals(optimizer, state, call)
  const seen = new Map<string, Row[]>()
  const add = (step: number, found: Seen | null): void => {
    if (found === null) return
    const { numbers, pattern } = found
    const known = seen.get(pattern)
    if (known === undefined) seen.set(pattern, [{ step, numbers }])
    else known.push({ step, numbers })
  }
  for (let step = 0; step < BEGINNING; step++) {
    try {
      add(step, steps.at(step))
    } catch (error) {
      // A schedule, say, that ends.
      if (step === 0) throw error
      break
    }
  }
  for (const step of FAR) add(-step, steps.farAt(step))
  for (let step = BEGINNING; step < FARTHEST; step += step >> 2) add(-step, steps.farAt(step))
  if (seen.size > MOST_PROGRAMS) throw new Differs()
  const groups = [...seen].map(([pattern, rows]): [string, Group] => {
    const samples = samplesOf(rows)
    return [
      pattern,
      {
        rows: rows.map(({ numbers }) => numbers),
        samples: samples.map(({ step }) => step),
        sampled: samples.map(({ numbers }) => numbers)
      }
    ]
  })
  return { steps, groups: new Map(groups) }
}

/** Where the numbers of a program are found in the model, in order; the columns are those that move. */
interface Placed {
  readonly program: Program
  readonly places: readonly number[]
  /** The numbers of the model that do not move. */
  readonly still: readonly (number | null)[]
}

/** The last number that an array of float32 is multiplied by, such as a rate; -1 where there is none. */
const factorIn = ({ instructions }: Recording): number => {
  let at = 0
  let found = -1
  for (const instruction of instructions) {
    if ('constant' in instruction) continue
    for (const operand of instruction.operands) {
      if (typeof operand !== 'number') continue
      if (instruction.node.name === 'mul' && instruction.node.dtype === 'float32') found = at
      at += 1
    }
  }
  return found
}

/** A program out of steps that do the same; `null` where the model does not have all of its numbers. */
const placedIn = (group: Group, recorded: readonly Recording[], column: number, isWatched: boolean): Placed | null => {
  const [recording] = recorded as [Recording]
  const pattern = patternOf(recording)
  if (!recorded.every((other) => patternOf(other) === pattern)) return null
  const rows = recorded.map(numbersOf)
  const [first] = group.rows as [readonly number[]]
  const moves = first.map((value, i) => group.rows.some((row) => !Object.is(row[i], value)))
  const keys = new Map<string, number>()
  first.forEach((_, i) => {
    const key = keyOf(group.sampled, i)
    if (!keys.has(key)) keys.set(key, i)
  })
  if (isWatched && !moves.includes(true)) {
    const rate = keys.get(keyOf(rows, factorIn(recording)))
    if (rate !== undefined) moves[rate] = true
  }
  const places: number[] = []
  const numbers: NumberSource[] = []
  for (const [i, value] of (rows[0] as readonly number[]).entries()) {
    const place = keys.get(keyOf(rows, i))
    if (place === undefined ? rows.some((row) => !Object.is(row[i], value)) : false) return null
    if (place === undefined || !moves[place]) numbers.push({ value })
    else {
      const known = places.indexOf(place)
      numbers.push({ column: column + (known >= 0 ? known : places.push(place) - 1) })
    }
  }
  return { program: { recording, numbers }, places, still: first.map((value, i) => (moves[i] ? null : value)) }
}

/** The course of an update along that of another one that takes little time; `null` where it does not go along. */
const courseAlong = ({ groups, steps }: Model, whole: States<Recording>): Course | null => {
  const isOne = groups.size === 1
  const placed = new Map<string, Placed & { readonly index: number; readonly column: number }>()
  let columns = isOne ? 0 : 1
  const recorded = new Map<number, Recording>()
  const samples = [...groups.values()].flatMap((group) => group.samples)
  for (const step of [...samples].sort((a, b) => a - b)) {
    const recording = step < 0 ? whole.farAt(-step) : whole.at(step)
    if (recording === null) return null
    recorded.set(step, recording)
  }
  for (const [pattern, group] of groups) {
    const own = placedIn(
      group,
      group.samples.map((step) => recorded.get(step) as Recording),
      columns,
      // A table that a step takes nothing out of could not tell that a number moves after all.
      isOne && steps.counts
    )
    if (own === null) return null
    placed.set(pattern, { ...own, index: placed.size, column: columns })
    columns += own.places.length
  }
  const known: (readonly number[])[] = []
  const next = (): readonly number[] => {
    const { numbers, pattern } = steps.at(known.length)
    const own = placed.get(pattern)
    if (own === undefined) throw new Differs()
    if (own.still.some((value, i) => value !== null && !Object.is(value, numbers[i]))) {
      throw new InvalidOption(
        `jaxjs: step ${known.length} computes with another number than all steps that a compiled update was made by; update outside of jit`
      )
    }
    const row = new Array<number>(columns).fill(0)
    if (!isOne) row[0] = own.index
    own.places.forEach((place, i) => {
      row[own.column + i] = numbers[place] as number
    })
    return row
  }
  return {
    programs: [...placed.values()].map(({ program }) => program),
    columns,
    row: (step) => {
      while (known.length <= step) known.push(next())
      return known[step] as readonly number[]
    }
  }
}

/** What an update does, in all steps. */
export const courseOf = (optimizer: AnyGradientTransformation, start: Start, call: Call): Course => {
  const whole = recordings(start, call)

  /** Along the update of one param alone. */
  const alongOne = (i: number): Course | null => {
    try {
      const params = only(call.params, i)
      const started = startOf(optimizer, params)
      if (started === null) return null
      return courseAlong(
        modelOf(optimizer, started.state, { grads: only(call.grads, i), params, extra: call.extra }),
        whole
      )
    } catch (error) {
      if (error instanceof Differs) throw error
      // A mask, say, that names every param.
      return null
    }
  }

  const { length } = leavesOf(call.params)
  for (let i = 0; length > 1 && i < Math.min(length, MOST_TRIED); i++) {
    const course = alongOne(i)
    if (course !== null) return course
  }
  const course = courseAlong(modelOf(optimizer, start.state, call), whole)
  if (course === null) throw new Differs()
  return course
}
