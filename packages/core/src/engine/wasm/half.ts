import { Kind } from '../../array/dtype.js'
import type { Bytes } from '../../wasm/bytes.js'
import { get, set, tee } from '../../wasm/instructions/control.js'
import * as f32x4 from '../../wasm/instructions/f32x4.js'
import * as i32 from '../../wasm/instructions/i32.js'
import * as i32x4 from '../../wasm/instructions/i32x4.js'
import * as v128 from '../../wasm/instructions/v128.js'

// The formulas of array/half.ts on four lanes. Each takes its vector from the stack and leaves one; `t` and `u` are local
// vectors free to be overwritten.

/** Rounds to a kind of 16 bits; to others there is nothing to be done. */
export const round = (kind: number, t: number, u: number): Bytes =>
  kind === Kind.BF16 ? roundBfloat16(t) : kind === Kind.F16 ? roundFloat16(t, u) : []

/** Widens four patterns of a kind of 16 bits, one in each 32-bit lane. */
export const decode = (kind: number, t: number, u: number): Bytes =>
  kind === Kind.BF16 ? [...i32.const(16), ...i32x4.shl] : decodeFloat16(t, u)

/** Widens four of the eight patterns of bfloat16 in a local vector, from a byte on: each is the high half of a lane. */
export const widen = (x: number, from: number): Bytes => [...v128.constI32(0), ...get(x), ...v128.interleave16(from)]

/** Rounds four float32 to a kind of 16 bits and gives their patterns, in the low half of each lane. */
export const encode = (kind: number, t: number, u: number): Bytes =>
  kind === Kind.BF16 ? encodeBfloat16(t) : encodeFloat16(t, u)

const SIGN = /* @__PURE__ */ v128.constI32(0x80000000 | 0)
const isNumber = (local: number): Bytes => [...get(local), ...get(local), ...f32x4.eq]

const roundAt = (t: number, bit: number): Bytes => [
  ...get(t),
  ...v128.constI32((1 << (bit - 1)) - 1),
  ...i32x4.add,
  ...get(t),
  ...i32.const(bit),
  ...i32x4.shrU,
  ...v128.constI32(1),
  ...v128.and,
  ...i32x4.add,
  ...v128.constI32(-1 << bit),
  ...v128.and
]

const roundBfloat16 = (t: number): Bytes => [...set(t), ...roundAt(t, 16), ...get(t), ...isNumber(t), ...v128.select]

const roundFloat16 = (t: number, u: number): Bytes => [
  ...set(t),
  // below the normal range: (|x| + ½) − ½, with the sign of x
  ...[...get(t), ...f32x4.abs, ...tee(u), ...v128.constF32(0.5), ...f32x4.add, ...v128.constF32(0.5), ...f32x4.sub],
  ...[...get(t), ...SIGN, ...v128.and, ...v128.or],
  ...roundAt(t, 13),
  ...[...get(u), ...v128.constF32(2 ** -14), ...f32x4.lt],
  ...v128.select,
  ...set(u),
  // beyond the largest: infinite
  ...[...v128.constF32(Infinity), ...get(t), ...SIGN, ...v128.and, ...v128.or],
  ...get(u),
  ...[...get(u), ...f32x4.abs, ...v128.constF32(65536), ...f32x4.ge],
  ...v128.select,
  ...[...get(t), ...isNumber(t), ...v128.select]
]

// No float32 below its normal range comes up on the way, which processors take long over, and second moments often are that small.
const decodeFloat16 = (t: number, u: number): Bytes => [
  ...set(t),
  ...[...get(t), ...v128.constI32(0x7fff), ...v128.and, ...tee(u)],
  ...[...i32.const(13), ...i32x4.shl, ...v128.constI32(112 << 23), ...i32x4.add],
  // below the normal range: as if there were a first digit, 2⁻¹⁴, which is taken off again
  ...[...isBelowNormal(u), ...v128.constI32(1 << 23), ...v128.and, ...i32x4.add],
  ...[...isBelowNormal(u), ...v128.constF32(2 ** -14), ...v128.and, ...f32x4.sub],
  ...[...get(u), ...v128.constI32(0x7bff), ...i32x4.gtS, ...v128.constI32(0x7f800000), ...v128.and, ...v128.or],
  ...[...get(t), ...v128.constI32(0x8000), ...v128.and, ...i32.const(16), ...i32x4.shl, ...v128.or]
]

// Rounded where the lower half is cut off; NaN, all of whose bits are set, stays one.
const encodeBfloat16 = (t: number): Bytes => [
  ...[...tee(t), ...i32.const(16), ...i32x4.shrU, ...v128.constI32(1), ...v128.and],
  ...[...v128.constI32(0x7fff), ...i32x4.add, ...get(t), ...i32x4.add],
  ...[...get(t), ...get(t), ...f32x4.ne, ...v128.or, ...i32.const(16), ...i32x4.shrU]
]

const isBelowNormal = (u: number): Bytes => [...get(u), ...v128.constI32(0x400), ...i32x4.ltS]

const encodeFloat16 = (t: number, u: number): Bytes => [
  // below the normal range: in units of 2⁻²⁴, the last digit of ½
  ...[...tee(t), ...f32x4.abs, ...tee(u), ...v128.constF32(0.5), ...f32x4.add, ...v128.constF32(0.5), ...i32x4.sub],
  // within it, rounded where the lower digits are cut off
  ...[...get(u), ...i32.const(13), ...i32x4.shrU, ...v128.constI32(1), ...v128.and, ...get(u), ...i32x4.add],
  ...[...v128.constI32(0xfff - (112 << 23)), ...i32x4.add, ...i32.const(13), ...i32x4.shrU],
  ...[...get(u), ...v128.constF32(2 ** -14), ...f32x4.lt, ...v128.select],
  // beyond the largest: infinite, and NaN one digit more
  ...[...v128.constI32(0x7c00), ...i32x4.minS],
  ...[...get(t), ...get(t), ...f32x4.ne, ...v128.constI32(0x200), ...v128.and, ...v128.or],
  ...[...get(t), ...i32.const(16), ...i32x4.shrU, ...v128.constI32(0x8000), ...v128.and, ...v128.or]
]
