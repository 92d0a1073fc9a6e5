import { type Bytes, float32, float64, int32, unsigned } from '../bytes.js'
import { simd } from './simd.js'

const lanes = (four: Bytes): Bytes => [...four, ...four, ...four, ...four]

export const load = (offset = 0): Bytes => simd(0x00, 4, ...unsigned(offset))
export const loadU16x4 = (offset = 0): Bytes => simd(0x04, 3, ...unsigned(offset))
export const loadSplat32 = (offset: number): Bytes => simd(0x09, 2, ...unsigned(offset))
export const loadSplat64 = (offset: number): Bytes => simd(0x0a, 3, ...unsigned(offset))
export const loadSplat16 = (offset: number): Bytes => simd(0x08, 1, ...unsigned(offset))
export const loadSplat8 = (offset: number): Bytes => simd(0x07, 0, ...unsigned(offset))
export const load8Lane = (offset: number, lane: number): Bytes => simd(0x54, 0, ...unsigned(offset), lane)
export const load32Lane = (offset: number, lane: number): Bytes => simd(0x56, 2, ...unsigned(offset), lane)
export const load32Zero = (offset: number): Bytes => simd(0x5c, 2, ...unsigned(offset))
export const store = (offset = 0): Bytes => simd(0x0b, 4, ...unsigned(offset))
export const store64 = (offset = 0): Bytes => simd(0x5b, 3, ...unsigned(offset), 0)
export const constF32 = (value: number): Bytes => simd(0x0c, ...lanes(float32(value)))
export const constI32 = (value: number): Bytes => simd(0x0c, ...lanes(int32(value)))
export const constF32Lanes = (values: readonly number[]): Bytes => simd(0x0c, ...values.flatMap(float32))
export const constLanes = (values: readonly number[]): Bytes => simd(0x0c, ...values.flatMap(int32))
export const constF64 = (value: number): Bytes => simd(0x0c, ...float64(value), ...float64(value))
export const and: Bytes = /* @__PURE__ */ simd(0x4e)
export const or: Bytes = /* @__PURE__ */ simd(0x50)
export const xor: Bytes = /* @__PURE__ */ simd(0x51)
export const anyTrue: Bytes = /* @__PURE__ */ simd(0x53)
export const select: Bytes = /* @__PURE__ */ simd(0x52)

/** The second half of a vector, in front; takes the vector twice. */
export const highHalf: Bytes = /* @__PURE__ */ simd(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
/** The second lane of a vector in front, and whatever behind it; takes the vector twice. */
export const secondLane: Bytes = /* @__PURE__ */ simd(0x0d, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3)
/** The first halves of two vectors, one after the other. */
export const joinLowHalves: Bytes = /* @__PURE__ */ simd(0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
/** Four 16-bit lanes of each of two vectors, by turns, from a byte on. */
export const interleave16 = (from: number): Bytes =>
  simd(0x0d, ...[0, 2, 4, 6].flatMap((i) => [from + i, from + i + 1, from + i + 16, from + i + 17]))

/** On eight 16-bit lanes: their bits moved down, and two vectors of them as one of bytes. */
export const shl16: Bytes = /* @__PURE__ */ simd(0x8b)
export const shrU16: Bytes = /* @__PURE__ */ simd(0x8d)
export const add16: Bytes = /* @__PURE__ */ simd(0x8e)
export const narrowU8: Bytes = /* @__PURE__ */ simd(0x66)
