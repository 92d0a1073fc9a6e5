import { isShaped } from './elements.js'

/** What something is apart from its numbers: structure, shapes and dtypes, as a text. Keys are in alphabetical order. */
export const formOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (value instanceof Float32Array) return `Float32Array(${value.length})`
  if (value instanceof Float64Array) return `Float64Array(${value.length})`
  if (isShaped(value)) {
    return `${value.dtype} array of shape [${value.shape.join(', ')}]`
  }
  if (Array.isArray(value)) return `[${value.map(formOf).join(', ')}]`
  if (typeof value !== 'object') return typeof value
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object'
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}: ${formOf((value as Record<string, unknown>)[key])}`)
  return `${name === 'Object' ? '' : `${name} `}{${fields.join(', ')}}`
}
