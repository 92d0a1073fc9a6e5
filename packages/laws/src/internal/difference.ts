import type { DType } from '@gradchain/core'
import { type ArrayLeaf, dtypeOfLeaf, elements, isArrayLeaf } from './elements.js'
import { formOf } from './form.js'

/** Whether two numbers count as equal; bare numbers are float64. */
export type Same = (actual: number, expected: number, dtype: DType) => boolean

/** Equal up to the sign of zero. */
export const equalNumbers: Same = (a, b) => a === b || Object.is(a, b)

const PRECISION: Readonly<Record<DType, number>> = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7
}

/** Equal up to an error relative to the larger of both and 1, at least 64 units in the last place. */
export const near =
  (tolerance = 1e-6): Same =>
  (a, b, dtype) => {
    if (a === b || Object.is(a, b)) return true
    const slack = Math.max(tolerance, 64 * PRECISION[dtype])
    return Math.abs(a - b) <= slack * Math.max(1, Math.abs(a), Math.abs(b))
  }

/**
 * The first place where two trees or states differ, in words; `null` when there is none. Bit for bit, ±0 and NaN told apart,
 * unless `same` says less; keys in any order.
 *
 * @example
 * difference({ w: [0, 1] }, { w: [-0, 1] }) // => '.w[0] is 0, not -0'
 * difference(new Float32Array([NaN]), new Float32Array([NaN])) // => null
 */
export const difference = (actual: unknown, expected: unknown, same: Same = Object.is, path = ''): string | null => {
  if (typeof actual === 'number' && typeof expected === 'number') {
    return same(actual, expected, 'float64') ? null : `${path} is ${write(actual)}, not ${write(expected)}`
  }
  if (isArrayLeaf(actual) && isArrayLeaf(expected)) return differentArray(actual, expected, same, path)
  if (isNode(actual) && isNode(expected) && Array.isArray(actual) === Array.isArray(expected)) {
    return differentNode(actual, expected, same, path)
  }
  if (Object.is(actual, expected)) return null
  return `${path} is ${formOf(actual)}, not ${formOf(expected)}`
}

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isArrayLeaf(value)

const differentArray = (actual: ArrayLeaf, expected: ArrayLeaf, same: Same, path: string): string | null => {
  const forms = [formOf(actual), formOf(expected)]
  if (forms[0] !== forms[1]) return `${path} is ${forms[0]}, not ${forms[1]}`
  const dtype = dtypeOfLeaf(actual)
  const [a, b] = [elements(actual), elements(expected)]
  for (let i = 0; i < a.length; i++) {
    if (!same(a[i] as number, b[i] as number, dtype)) {
      return `${path}[${i}] is ${write(a[i] as number)}, not ${write(b[i] as number)}`
    }
  }
  return null
}

const differentNode = (actual: Node, expected: Node, same: Same, path: string): string | null => {
  for (const key of Object.keys(expected)) {
    const place = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`
    if (!Object.hasOwn(actual, key)) return `${place} is missing`
    const found = difference(actual[key], expected[key], same, place)
    if (found !== null) return found
  }
  const more = Object.keys(actual).find((key) => !Object.hasOwn(expected, key))
  return more === undefined ? null : `${path} has ${JSON.stringify(more)}, which was not expected`
}

/** A number as code. */
export const write = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))
