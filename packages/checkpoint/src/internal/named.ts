import { isContainer } from '@gradchain/core'
import type { Tensor } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { dtypeOfArray } from './leaves.js'
import { type Keys, namesFor, pathOf } from './pathOf.js'
import { titleOf } from './safetensorsHeader.js'
import { isTensor } from './tensors.js'

/** The tensors of a file that others wrote, at the places of `like` that have their names; each must have one. */
export const namedLike = (refuse: Refuse, tensors: ReadonlyMap<string, Tensor>, like: unknown): unknown => {
  const nameOf = namesFor()
  let used = 0
  const visit = (wanted: unknown, keys: Keys): unknown => {
    if (typeof wanted === 'number' || isTensor(wanted) || dtypeOfArray(wanted) !== undefined) {
      const name = nameOf(keys)
      used += 1
      return tensors.get(name) ?? refuse('mismatch', titleOf(name), `there, for ${pathOf(keys)}`, 'none')
    }
    if (!isContainer(wanted)) return wanted === null ? null : undefined
    if (Array.isArray(wanted)) return wanted.map((item, i) => visit(item, [...keys, i]))
    return Object.fromEntries(Object.entries(wanted).map(([key, item]) => [key, visit(item, [...keys, key])]))
  }
  const found = visit(like, [])
  if (used < tensors.size) {
    refuse('mismatch', 'the file', `of ${used} tensors, as many as are wanted`, `${tensors.size}`)
  }
  return found
}
