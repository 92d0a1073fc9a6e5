import { difference } from '../internal/difference.js'
import { isArrayLeaf } from '../internal/elements.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

const PLAIN = ['number', 'string', 'boolean', 'bigint']

/** What in a state is no plain data, in words. */
const oddity = (value: unknown, path: string): string | null => {
  if (value === null || PLAIN.includes(typeof value) || isArrayLeaf(value)) return null
  if (typeof value !== 'object') return `${path} is ${typeof value === 'function' ? 'a function' : String(value)}`
  if (Array.isArray(value)) return firstFlaw(value, (child, i) => oddity(child, `${path}[${i}]`))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `${path} is no plain object`
  return firstFlaw(Object.entries(value), ([key, child]) => oddity(child, `${path}.${key}`))
}

/** It can be sent to a worker and written to a file. */
export const plainState = transformationLaw(
  'plainState',
  'the state is plain data: numbers, texts, arrays, plain objects, all of which structuredClone keeps',
  { domain: 'any' },
  (tx, trajectory) =>
    firstFlaw(observe(tx, trajectory).states, (state, i) => {
      const path = `after update ${i}: state`
      return oddity(state, path) ?? difference(structuredClone(state), state, Object.is, path)
    })
)
