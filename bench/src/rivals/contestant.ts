import type { ChainName, Hyper } from '../cases.js'

/** What a rival starts from. */
export interface Problem {
  readonly chain: ChainName
  readonly hyper: Hyper
  readonly threads: number
  /** The params, leaf by leaf; the rival's own, to be changed or not. */
  readonly params: readonly Float32Array[]
  /** Gradients of the same shapes, never to be changed. */
  readonly grads: readonly Float32Array[]
}

/** A rival that is ready to run. */
export interface Contestant {
  /** From now on steps use these gradients. */
  readonly feed: (grads: readonly Float32Array[]) => void
  /** One step: from gradients to new params. */
  readonly step: () => void
  /** Returns when all steps have been made. */
  readonly finish: () => void | Promise<void>
  /** The params as they are now. */
  readonly params: () => readonly Float32Array[]
  /** What the rival says about its memory. */
  readonly bytes?: Readonly<Record<string, number>>
}

/** How a rival is made ready. */
export type Prepare = (problem: Problem) => Contestant | Promise<Contestant>

/** Reads an element of every array, so that none can be left out. */
export const touch = (arrays: readonly Float32Array[]): void => {
  let sum = 0
  for (const array of arrays) sum += array[array.length >> 1] ?? 0
  if (Number.isNaN(sum)) throw new RangeError('the params have become NaN')
}
