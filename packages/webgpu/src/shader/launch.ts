import type { Slot } from '../internal/runner.js'
import { decoded, encoded } from './functions.js'

/** Threads of a workgroup. */
export const THREADS = 256

/** Memory that a plan has of its own, for what is computed in between. */
export const SCRATCH = 'scratch'

/** A part of a buffer that is bound for itself, as all of it is more than may be. */
export class Range {
  readonly buffer: Slot['buffer'] | typeof SCRATCH
  readonly offset: number
  readonly size: number

  constructor(buffer: Slot['buffer'] | typeof SCRATCH, offset: number, size: number) {
    this.buffer = buffer
    this.offset = offset
    this.size = size
  }
}

/** The memory of which something bound is all or a part. */
export const memoryOf = (buffer: Place['buffer']): Slot['buffer'] | typeof SCRATCH =>
  buffer instanceof Range ? buffer.buffer : buffer

/** Where something lies: in a buffer of somebody, in a part of one, or in the one of the plan. */
export interface Place {
  readonly buffer: Slot['buffer'] | Range | typeof SCRATCH
  readonly offset: number
  readonly dtype: Slot['dtype']
  readonly length: number
  readonly room?: number
}

/** One array, or a few numbers, on which a kernel works. */
export interface Member {
  /** What the kernel reads about it. */
  readonly record: readonly number[]
  readonly reads: readonly Place[]
  readonly writes: readonly Place[]
  /** How many elements. */
  readonly size: number
  /** How its record is to be read; of what goes through elements. */
  readonly form?: RecordForm
}

/** What a record is made of, beside the number of groups of four elements, which comes first. */
export interface RecordForm {
  /** Where in it beginnings are, and how far on in such units the next group of four elements is. */
  readonly starts: readonly (readonly [at: number, unit: number])[]
  /** Where in it numbers of the host are, by their places among the numbers. */
  readonly hosted: readonly number[]
  /** How many groups of four elements there is room for where it writes. */
  readonly room: number
}

/** How a kernel's work is shared out. */
export type Grain =
  /** Some elements to each of 16 threads. */
  | 'elements'
  /** A block of a sum to each thread. */
  | 'blocks'
  /** A block of a sum to each workgroup. */
  | 'shared'
  /** A member to each thread. */
  | 'members'
  /** As many workgroups as the record says, each told which it is. */
  | 'groups'

/** What one kernel does to one member. */
export interface Work {
  /** The declarations of what is bound, and what is done; together with the buffers they tell kernels apart. */
  readonly head: string
  readonly body: string
  readonly grain: Grain
  readonly buffers: readonly Place['buffer'][]
  readonly usesNumbers: boolean
  readonly member: Member
  /** How many workgroups, of grain `groups`. */
  readonly groups?: number
}

/** How elements that are read four at a time lie in a binding. */
type View = 'four' | 'pairs' | 'words'

const VIEWS: Readonly<Record<View, string>> = { four: 'vec4<f32>', pairs: 'vec2<u32>', words: 'u32' }
const ITEM: Readonly<Record<View, number>> = { four: 16, pairs: 8, words: 4 }

/** How a place may be read: word by word, where its last elements are not a whole item of what can be bound. */
const viewOf = ({ buffer, offset, dtype, length }: Place): View => {
  const view: View = dtype === 'float32' ? 'four' : 'pairs'
  const item = ITEM[view]
  const end = offset + item * Math.max(1, Math.ceil(length / 4))
  return offset % item !== 0 || (buffer !== SCRATCH && end > buffer.size) ? 'words' : view
}

/** The bindings of a kernel: memory that it reads four elements at a time. */
export class Bindings {
  readonly buffers: Place['buffer'][] = []
  readonly #views: View[] = []
  readonly #written: boolean[] = []
  readonly #uses: (name: string) => void

  constructor(uses: (name: string) => void) {
    this.#uses = uses
  }

  /** Says of all that is going to be read and written, before anything is. */
  add(place: Place, isWritten: boolean): void {
    const { buffer } = place
    const view = viewOf(place)
    const known = this.buffers.indexOf(buffer)
    if (known < 0) {
      this.buffers.push(buffer)
      this.#views.push(view)
      this.#written.push(isWritten)
      return
    }
    if (this.#views[known] !== view) this.#views[known] = 'words'
    this.#written[known] ||= isWritten
  }

  /** The same of what is read and written word by word. */
  addWords(place: Place, isWritten: boolean): void {
    this.add(place, isWritten)
    this.#views[this.buffers.indexOf(place.buffer)] = 'words'
  }

  /** The name of the memory where something lies. */
  nameOf({ buffer }: Place): string {
    return `m${this.buffers.indexOf(buffer)}`
  }

  /** Where something begins, in items of its binding. */
  startOf({ buffer, offset }: Place): number {
    return offset / ITEM[this.#viewOf(buffer)]
  }

  /** How many items of its binding four elements are. */
  unitOf({ buffer, dtype }: Place): number {
    return this.#viewOf(buffer) !== 'words' ? 1 : dtype === 'float32' ? 4 : 2
  }

  /** Four elements of something, of the group of four called q. */
  load({ buffer, dtype }: Place, start: string): string {
    const view = this.#viewOf(buffer)
    const b = `m${this.buffers.indexOf(buffer)}`
    if (view === 'four') return `${b}[${start} + q]`
    if (dtype === 'float32') {
      const words = [0, 1, 2, 3].map((i) => `${b}[${start} + 4u * q + ${i}u]`)
      return `bitcast<V>(U(${words.join(', ')}))`
    }
    const pair =
      view === 'pairs' ? `${b}[${start} + q]` : `vec2<u32>(${b}[${start} + 2u * q], ${b}[${start} + 2u * q + 1u])`
    this.#uses('unpacked')
    return decoded(dtype, `unpacked(${pair})`, this.#uses)
  }

  /** The statement that stores four elements. */
  store({ buffer, dtype }: Place, start: string, x: string): string {
    const view = this.#viewOf(buffer)
    const b = `m${this.buffers.indexOf(buffer)}`
    if (view === 'four') return `${b}[${start} + q] = ${x};`
    if (dtype === 'float32') {
      return [0, 1, 2, 3].map((i) => `${b}[${start} + 4u * q + ${i}u] = bitcast<u32>(${x}[${i}]);`).join(' ')
    }
    this.#uses('packed')
    const pair = `packed(${encoded(dtype, x, this.#uses)})`
    if (view === 'pairs') return `${b}[${start} + q] = ${pair};`
    return [0, 1].map((i) => `${b}[${start} + 2u * q + ${i}u] = ${pair}[${i}];`).join(' ')
  }

  /** What is bound, from a binding on. */
  declarations(from: number): string {
    return this.buffers
      .map((_, i) => {
        const view = this.#views[i] as View
        return binding(from + i, this.#isWritten(i), `m${i}`, VIEWS[view], `BYTES${i} / ${ITEM[view]}u`)
      })
      .join('\n')
  }

  /** Parts of one buffer are bound in the same way. */
  #isWritten(i: number): boolean {
    const memory = memoryOf(this.buffers[i] as Place['buffer'])
    return this.buffers.some((buffer, k) => this.#written[k] === true && memoryOf(buffer) === memory)
  }

  #viewOf(buffer: Place['buffer']): View {
    return this.#views[this.buffers.indexOf(buffer)] as View
  }
}

/**
 * The declaration of an array that is bound. How long it is is part of the text: where a shader has to find it out, it does so with a
 * division before each element that it reads or writes.
 */
export const binding = (at: number, isWritten: boolean, name: string, element: string, length: string): string =>
  `@group(0) @binding(${at}) var<storage, ${isWritten ? 'read_write' : 'read'}> ${name}: array<${element}, ${length}>;`

/** The declaration of the numbers of a plan. */
export const numbersBinding = (isWritten: boolean): string => binding(1, isWritten, 'numbers', 'f32', 'NUMBERS')

/** The lengths of what is bound, which a kernel's declarations want. */
export const lengthsOf = (table: number, numbers: number, buffers: readonly number[]): string =>
  [
    `const TABLE = ${table}u;`,
    `const NUMBERS = ${numbers}u;`,
    ...buffers.map((bytes, i) => `const BYTES${i} = ${bytes}u;`)
  ].join('\n')
