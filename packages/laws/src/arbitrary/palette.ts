import type { DType } from '@gradchain/core'
import fc from 'fast-check'
import { dataOf, dtypeOfLeaf, isArrayLeaf } from '../internal/elements.js'
import { leavesOf, mapNumbers } from '../internal/mapLeaves.js'
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
  const limits = leavesOf(like).flatMap((leaf) => {
    const dtype = isArrayLeaf(leaf) ? dtypeOfLeaf(leaf) : 'float64'
    const limit = dtype === 'float16' && domain === 'moderate' ? MODERATE_FLOAT16 : LARGEST[dtype]
    return isArrayLeaf(leaf) ? Array<number>(dataOf(leaf).length).fill(limit) : [limit]
  })
  return mapNumbers(like, (_, i) => {
    const x = colours[i % colours.length] as number
    const limit = limits[i] as number
    return Number.isFinite(x) ? Math.min(Math.max(x, -limit), limit) : x
  })
}
