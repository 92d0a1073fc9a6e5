import { isContainer, type Origin, show } from '@gradchain/core'
import { originOf } from '@gradchain/core/engine'

/** A call as it was written, without what was left as it is. */
export const shownCall = ([name, ...given]: Origin): string => {
  if (name === 'function' && given.length === 1) return String(given[0])
  const args = given.filter((value, i) => !(i === given.length - 1 && isEmpty(value)))
  return `${name}(${args.map(shownValue).join(', ')})`
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (isContainer(value) && !Array.isArray(value) && Object.values(value).every((field) => field === undefined))

/** What a factory was given, as it was written. */
export const shownValue = (value: unknown): string => {
  const origin = originOf(value) ?? originOf((value as { readonly update?: unknown } | null | undefined)?.update)
  if (origin !== undefined) return shownCall(origin)
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`
  if (!isContainer(value)) return typeof value === 'function' ? 'ƒ' : show(value)
  const { name } = value as { readonly name?: unknown }
  // What has functions of its own and a name, as a communicator, is called by it.
  if (typeof name === 'string' && Object.values(value).some((field) => typeof field === 'function')) return name
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return fields.length === 0 ? '{}' : `{ ${fields.map(([key, field]) => `${key}: ${shownValue(field)}`).join(', ')} }`
}
