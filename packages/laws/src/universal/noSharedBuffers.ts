import { dataOf, isArrayLeaf } from '../internal/elements.js'
import { mapLeaves } from '../internal/mapLeaves.js'
import { bound } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** Some bytes of a buffer. Small arrays may lie side by side in one, as small Buffers of Node do. */
interface Stretch {
  readonly buffer: ArrayBufferLike
  readonly start: number
  readonly end: number
  readonly owner: string
}

/** The memory of each array in a value. Arrays without elements have none that could be seen to be shared. */
const memoryOf = (value: unknown, owner: string): readonly Stretch[] => {
  const found: Stretch[] = []
  mapLeaves(value, (leaf) => {
    if (!isArrayLeaf(leaf) || dataOf(leaf).length === 0) return
    const { buffer, byteOffset, byteLength } = dataOf(leaf)
    found.push({ buffer, start: byteOffset, end: byteOffset + byteLength, owner })
  })
  return found
}

/** Says which array of a value has bytes that are taken already, by another one of it or by what is given. */
const claim = (given: readonly Stretch[], value: unknown, owner: string): string | null => {
  const taken = new Map<ArrayBufferLike, Stretch[]>()
  for (const stretch of given) taken.set(stretch.buffer, [...(taken.get(stretch.buffer) ?? []), stretch])
  return firstFlaw(memoryOf(value, owner), (stretch) => {
    const others = taken.get(stretch.buffer) ?? []
    const other = others.find(({ start, end }) => start < stretch.end && stretch.start < end)
    taken.set(stretch.buffer, [...others, stretch])
    return other === undefined ? null : `${owner} shares memory with ${other.owner}`
  })
}

/**
 * Users refill the arrays of their gradients and params and write to what they were given. State that was not touched may
 * be handed on as it is: it is plain that nobody writes to a state.
 */
export const noSharedBuffers = transformationLaw(
  'noSharedBuffers',
  'no returned array shares memory with the gradients, the params or another returned array',
  { domain: 'any' },
  (tx, { params, steps }) => {
    const { init, update } = bound(tx)
    let state = init(params)
    return (
      claim(memoryOf(params, 'the params'), state, 'the state of init') ??
      firstFlaw(steps, ({ gradients, params: own = params, extra }, i) => {
        const [updates, next] = update(gradients, state, own, extra)
        const given = [...memoryOf(own, 'the params'), ...memoryOf(gradients, 'the gradients')]
        const before = memoryOf(state, 'the state before')
        state = next
        const found = claim([...given, ...before], updates, 'an update')
        const taken = [...given, ...memoryOf(updates, 'an update')]
        const flaw = found ?? claim(taken, next, 'the next state')
        return flaw === null ? null : `update ${i + 1}: ${flaw}`
      })
    )
  }
)
