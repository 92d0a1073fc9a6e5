import { type Leaf, type Operand, opaque } from '@gradchain/core'

/**
 * What came from outside in place of an array of an update. To who prints or differentiates updates it is a function of that one, by name.
 *
 * @param owner - the name that stands for it in equations and messages.
 */
export const standing = (owner: string, x: Operand, came: Leaf): Operand => {
  if (typeof came === 'number') return came
  const data = 'data' in came ? came.data : came
  const named = { [owner]: () => data }
  return opaque(named[owner] as () => typeof data, [x], { like: came })
}
