/**
 * A copy that shares nothing with the original; functions stay what they are. Unlike `structuredClone` it keeps prototypes
 * and takes anything, for it looks at arguments that are not ours.
 */
export const snapshot = <T>(value: T): T => copy(value) as T

const copy = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Uint16Array)
    return value.slice()
  if (ArrayBuffer.isView(value)) return structuredClone(value)
  if (Array.isArray(value)) return value.map(copy)
  const made = Object.create(Object.getPrototypeOf(value)) as Record<PropertyKey, unknown>
  for (const key of Reflect.ownKeys(value)) made[key] = copy((value as Record<PropertyKey, unknown>)[key])
  return made
}
