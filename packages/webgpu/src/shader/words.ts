import { declarationsOf } from './functions.js'
import { Bindings, type Place, type Work } from './launch.js'

/** Some of the elements of an array. */
export interface Piece {
  readonly from: number
  readonly count: number
}

/** The arrays of a node that works on whole arrays, all of one or a piece of it, as they are bound. */
export interface Windows {
  /** An operand; `null` for all of it. */
  readonly read: (operand: number, piece: Piece | null) => Place
  readonly write: (piece: Piece | null) => Place
  /** An array like the result, for what is computed in between. */
  readonly between: () => (piece: Piece) => Place
  /** Whether two operands are one array. */
  readonly isSame: boolean
  /** How many words may be bound. */
  readonly most: number
}

/** A kernel that works word by word: what it is told of where things begin, in order. */
export interface Whole {
  readonly functions: Set<string>
  readonly bindings: Bindings
  readonly starts: number[]
}

/** Binds what is read and what is written, all word by word. */
export const bound = (reads: readonly Place[], ...written: readonly Place[]): Whole => {
  const functions = new Set<string>()
  const bindings = new Bindings((name) => functions.add(name))
  for (const place of reads) bindings.addWords(place, false)
  for (const place of written) bindings.addWords(place, true)
  return { functions, bindings, starts: [...reads, ...written].map((place) => bindings.startOf(place)) }
}

export const work = (
  { functions, bindings }: Whole,
  rest: Pick<Work, 'body' | 'grain' | 'member'> & { readonly groups?: number }
): Work => ({
  head: `${declarationsOf(functions)}\n${bindings.declarations(2)}`,
  buffers: bindings.buffers,
  usesNumbers: false,
  ...rest
})
