import { dataOf, isArrayLeaf } from '../internal/elements.js'
import { mapLeaves } from '../internal/mapLeaves.js'
import { bound } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** The memory of each array in a value. Arrays without elements have none that could be seen to be shared. */
const buffersOf = (value: unknown): readonly ArrayBufferLike[] => {
  const found: ArrayBufferLike[] = []
  mapLeaves(value, (leaf) => {
    if (isArrayLeaf(leaf) && dataOf(leaf).length > 0) found.push(dataOf(leaf).buffer)
  })
  return found
}

/** Says when a buffer is taken already, and takes it. */
const claim = (taken: Map<ArrayBufferLike, string>, value: unknown, owner: string): string | null =>
  firstFlaw(buffersOf(value), (buffer) => {
    const other = taken.get(buffer)
    taken.set(buffer, owner)
    return other === undefined ? null : `${owner} shares memory with ${other}`
  })

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
    const of = (value: unknown, owner: string) => buffersOf(value).map((buffer) => [buffer, owner] as const)
    let state = init(params)
    return (
      claim(new Map(of(params, 'the params')), state, 'the state of init') ??
      firstFlaw(steps, ({ gradients, params: own = params, extra }, i) => {
        const [updates, next] = update(gradients, state, own, extra)
        const given = [...of(own, 'the params'), ...of(gradients, 'the gradients')]
        const before = of(state, 'the state before')
        state = next
        const found = claim(new Map([...given, ...before]), updates, 'an update')
        const taken = new Map([...given, ...of(updates, 'an update')])
        const flaw = found ?? claim(taken, next, 'the next state')
        return flaw === null ? null : `update ${i + 1}: ${flaw}`
      })
    )
  }
)
