import { isArrayLeaf } from './elements.js'

/** The same, with the keys of every object the other way round (those that are whole numbers always come first). */
export const reverseKeys = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || isArrayLeaf(value)) return value
  if (Array.isArray(value)) return value.map(reverseKeys)
  const made = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>
  for (const key of Object.keys(value).reverse()) made[key] = reverseKeys((value as Record<string, unknown>)[key])
  return made
}
