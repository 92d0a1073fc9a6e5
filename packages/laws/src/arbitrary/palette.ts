import type { DType } from '@gradchain/core'
import fc from 'fast-check'
import { dataOf, dtypeOfLeaf, isArrayLeaf, withElements } from '../internal/elements.js'
import { mapLeaves } from '../internal/mapLeaves.js'
import { type Domain, value } from './value.js'

/** A few numbers with which trees of any size are filled, over and over: large arrays are cheap, and shrink well. */
export type Palette = readonly number[]

/** Palettes of a domain. */
export const palette = (domain: Domain): fc.Arbitrary<Palette> =>
  fc.array(value(domain), { minLength: 1, maxLength: 11, size: 'max' })

const LARGEST: Readonly<Record<DType, number>> = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  bfloat16: 3.3895313892515355e38,
  float16: 65504
}

/** What is moderate: third powers stay finite. */
const MODERATE_FLOAT16 = 16

/** A tree like another, filled with the numbers of a palette. What is finite stays so in every dtype. */
export const fillLike = (like: unknown, colours: Palette, domain: Domain): unknown => {
  let at = 0
  return mapLeaves(like, (leaf) => {
    const isArray = isArrayLeaf(leaf)
    if (!isArray && typeof leaf !== 'number') return leaf
    const own = within(colours, isArray ? dtypeOfLeaf(leaf) : 'float64', domain)
    const first = at
    at += isArray ? dataOf(leaf).length : 1
    if (!isArray) return own[first % own.length]
    const values = new Float64Array(dataOf(leaf).length)
    for (let i = 0; i < values.length; i++) values[i] = own[(first + i) % own.length] as number
    return withElements(leaf, values)
  })
}

/** The numbers of a palette, the finite ones within what a dtype holds. */
const within = (colours: Palette, dtype: DType, domain: Domain): Palette => {
  const limit = dtype === 'float16' && domain === 'moderate' ? MODERATE_FLOAT16 : LARGEST[dtype]
  return colours.map((x) => (Number.isFinite(x) ? Math.min(Math.max(x, -limit), limit) : x))
}
