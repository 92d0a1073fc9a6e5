import type { numpy as np } from '@jax-js/jax'
import type { NumberSource } from './course.js'
import { made } from './library.js'
import { computed, type Value } from './operations.js'
import { type Recording, Slot } from './record.js'

/** How often each slot is needed. */
const countUses = ({ instructions }: Recording, outputs: readonly Slot[]): Map<Slot, number> => {
  const uses = new Map<Slot, number>()
  const count = (x: Slot | number): void => {
    if (x instanceof Slot) uses.set(x, (uses.get(x) ?? 0) + 1)
  }
  for (const instruction of instructions) if ('operands' in instruction) instruction.operands.forEach(count)
  outputs.forEach(count)
  return uses
}

/**
 * What comes out of a recording for the arrays given in the places of its slots, which it consumes; `numbers` has the numbers of its
 * operands, in order.
 */
export const replay = (
  recording: Recording,
  given: ReadonlyMap<Slot, np.Array>,
  outputs: readonly Slot[],
  numbers: readonly NumberSource[] | null,
  column: (i: number) => np.Array
): np.Array[] => {
  const uses = countUses(recording, outputs)
  const values = new Map(given)
  for (const [slot, array] of given) if (!uses.has(slot)) array.dispose()

  /** The last use takes the array itself. */
  const take = (slot: Slot): np.Array => {
    const left = (uses.get(slot) as number) - 1
    uses.set(slot, left)
    const array = values.get(slot) as np.Array
    return left > 0 ? array.ref : array
  }

  let at = 0
  const operand = (x: Slot | number): Value => {
    if (x instanceof Slot) return take(x)
    const source = numbers?.[at++] ?? { value: x }
    return 'value' in source ? source.value : column(source.column)
  }

  for (const instruction of recording.instructions) {
    const { result } = instruction
    if ('constant' in instruction) values.set(result, made(instruction.constant))
    else values.set(result, computed(instruction.node, instruction.operands.map(operand)))
  }
  return outputs.map(take)
}
