import { isContainer } from '@gradchain/core'
import type { Param } from '../../internal/paramParts.js'
import { isTensor } from '../../internal/tensors.js'
import type { TensorTree } from '../../tensor.js'

/** A leaf of a state of Optax, and what it is. */
export interface Found {
  /** Where it is, its keys joined by slashes. */
  readonly entry: string
  /** Its keys. */
  readonly keys: readonly string[]
  readonly value: TensorTree
  /** The field that holds it, by our name: `nuMax` for `nu_max`. */
  readonly field: string
  /** Which of the params it is there for; `undefined` if for none. */
  readonly param: number | undefined
  /** Its value, if it is a number there for no param. */
  readonly number: number | undefined
}

/** Adan counts in `t`. */
const OTHER_NAMES: Readonly<Record<string, string>> = { t: 'count' }

/** The name of a field of Optax as we spell it. */
const ours = (name: string): string => {
  const spelt = name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.hasOwn(OTHER_NAMES, spelt) ? (OTHER_NAMES[spelt] as string) : spelt
}

/** The leaves of a state of Optax in order. For a param is what stands under a known field and then the path of that param. */
export const optaxParts = (
  saved: TensorTree,
  params: readonly Param[],
  fields: ReadonlySet<string>
): readonly Found[] => {
  const paths = params.map(({ path }) => path.map(String))
  const found: Found[] = []
  const visit = (keys: readonly string[], value: TensorTree): void => {
    if (value === null) return
    if (isContainer(value) && !isTensor(value)) {
      for (const [key, child] of Object.entries(value as { readonly [key: string]: TensorTree }))
        visit([...keys, key], child)
      return
    }
    const entry = keys.join('/')
    const [, param] = paths.reduce<readonly [length: number, param: number | undefined]>(
      ([longest, best], path, i) => {
        const at = keys.length - path.length - 1
        const isThere =
          at >= 0 && fields.has(ours(keys[at] as string)) && path.every((key, j) => key === keys[at + 1 + j])
        return isThere && path.length > longest ? [path.length, i] : [longest, best]
      },
      [-1, undefined]
    )
    const at = param === undefined ? keys.length - 1 : keys.length - (paths[param] as readonly string[]).length - 1
    const field = ours(keys[at] ?? '')
    found.push({ entry, keys, value, field, param, number: param === undefined ? numberIn(value) : undefined })
  }
  visit([], saved)
  return found
}

/** The number that a leaf without axes is. */
const numberIn = (value: TensorTree): number | undefined => {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (!isTensor(value) || value.shape.length > 0 || value.dtype === 'bfloat16' || value.dtype === 'float16')
    return undefined
  return Number(value.data[0])
}
