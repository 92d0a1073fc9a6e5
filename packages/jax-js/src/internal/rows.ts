import { InvalidOption } from '@gradchain/core'
import { Array as JaxArray, numpy as np } from '@jax-js/jax'

/** So many rows a table has room for, at least; what is not known yet is NaN. */
const ROOM = 2 ** 18
/** So many rows are made at a time. */
const CHUNK = 256

/**
 * How many steps an optimizer may have made, as far as it is known: no count is larger. It is shared by all that is compiled of it.
 */
export interface Progress {
  steps: number
}

const refOf = /* @__PURE__ */ Object.getOwnPropertyDescriptor(JaxArray.prototype, 'ref')?.get as (
  this: np.Array
) => np.Array

/**
 * The numbers of each step as an array of shape [steps, columns], for a compiled function to hold and to take rows of.
 *
 * A compiled function asks each array that it holds for a `ref` when it is called. The table takes that for a step, and when its rows come
 * to an end gives another array of the same shape in its place that has more.
 */
export const tableOf = (
  columns: number,
  row: (step: number) => readonly number[],
  progress: Progress,
  known: number
): np.Array => {
  const room = Math.max(ROOM, known)
  // The last row is for all steps beyond.
  const data = new Float32Array((room + 1) * columns).fill(Number.NaN)
  let rows = 0
  /** Makes rows; what goes wrong with one that is not needed yet, such as one beyond the end of a schedule, may never matter. */
  const fill = (wanted: number, needed: number): void => {
    const end = Math.min(room, wanted)
    try {
      for (; rows < end; rows++) data.set(row(rows), rows * columns)
    } catch (error) {
      if (rows < needed) throw error
    }
  }

  const made = (): np.Array => {
    const array = np.array(data, { shape: [room + 1, columns] })
    return Object.defineProperty(array, 'ref', { get: () => refOf.call(latest(array)) })
  }

  const latest = (own: np.Array): np.Array => {
    progress.steps += 1
    if (progress.steps > room) {
      throw new InvalidOption(
        `jaxjs: a jitted update has numbers for ${room} steps; ask for more by the option steps, or update outside of jit`
      )
    }
    if (progress.steps >= rows) {
      const before = rows
      fill(progress.steps + CHUNK, progress.steps)
      if (rows > before) {
        const next = made()
        if (current !== first) current.dispose()
        current = next
      }
    }
    return current.refCount > 0 ? current : own
  }

  fill(Math.max(known, progress.steps + 1), 1)
  const first = made()
  let current = first
  const dispose = first.dispose.bind(first)
  return Object.defineProperty(first, 'dispose', {
    value: () => {
      dispose()
      // It is held no more, and neither is what took its place.
      if (first.refCount === 0 && current !== first && current.refCount > 0) current.dispose()
    }
  })
}
