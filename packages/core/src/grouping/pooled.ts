import type { Data } from '../array/dtype.js'

// An array of its own costs more to make, and to collect, than a step computes for a few elements. So where there are many
// small arrays they are cut out of common memory, each with elements of its own, as Node does for small Buffers.

/** From so many arrays of a group on, small ones share memory. */
const MANY = 128
/** An array of more bytes than this has memory of its own. */
const SMALL_BYTES = 4096
/** How many bytes are shared at the most: what a runtime hands out again without asking the system for it. */
const POOL_BYTES = 32 * 1024

/** The memory that arrays share. */
const pools = new WeakSet<ArrayBufferLike>()

/** What has the elements of an array: its memory, or, where it shares that with others, the array. */
export const holderOf = (array: ArrayBufferView): object => (pools.has(array.buffer) ? array : array.buffer)

/** Gives arrays that lie side by side, in this order, elements of their own. */
export const taken = (
  whole: Data,
  members: Int32Array,
  starts: Int32Array,
  sizeOf: (member: number) => number,
  give: (member: number, data: Data) => void
): void => {
  const bytes = whole.BYTES_PER_ELEMENT
  const most = members.length < MANY ? -1 : SMALL_BYTES / bytes
  for (let i = 0; i < members.length; ) {
    const first = members[i] as number
    const start = starts[first] as number
    let end = start + sizeOf(first)
    const isSmall = end - start <= most
    let last = i + 1
    for (; isSmall && last < members.length; last++) {
      const next = members[last] as number
      const size = sizeOf(next)
      const endOfNext = (starts[next] as number) + size
      if (size > most || bytes * (endOfNext - start) > POOL_BYTES) break
      end = endOfNext
    }
    const pool = whole.slice(start, end)
    if (last > i + 1) pools.add(pool.buffer)
    else give(members[i++] as number, pool)
    for (; i < last; i++) {
      const member = members[i] as number
      const from = (starts[member] as number) - start
      give(member, pool.subarray(from, from + sizeOf(member)))
    }
  }
}
