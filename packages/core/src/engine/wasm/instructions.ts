import { type Bytes, float32, float64, int32, signed, unsigned } from './bytes.js'

const simd = (code: number, ...immediates: number[]): Bytes => [0xfd, ...unsigned(code), ...immediates]
const lanes = (four: Bytes): Bytes => [...four, ...four, ...four, ...four]

/** Types of values. */
export const I32 = 0x7f
export const F64 = 0x7c
export const V128 = 0x7b

/** Local variables and control. */
export const get = (local: number): Bytes => [0x20, ...unsigned(local)]
export const set = (local: number): Bytes => [0x21, ...unsigned(local)]
export const tee = (local: number): Bytes => [0x22, ...unsigned(local)]
export const call = (index: number): Bytes => [0x10, ...unsigned(index)]
export const END: Bytes = [0x0b]

/** Runs the body while the condition holds; inside, `break` is level 1. */
export const loopWhile = (condition: Bytes, body: Bytes): Bytes => [
  ...[0x02, 0x40],
  ...condition,
  ...[0x45, 0x0d, 0x00, 0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0x00, 0x0b, 0x0b]
]

/** Runs the body if the condition holds. */
export const when = (condition: Bytes, body: Bytes): Bytes => [...condition, 0x04, 0x40, ...body, 0x0b]

export const i32 = {
  const: (value: number): Bytes => [0x41, ...signed(value)],
  load: (offset: number): Bytes => [0x28, 2, ...unsigned(offset)],
  add: [0x6a] as Bytes,
  sub: [0x6b] as Bytes,
  and: [0x71] as Bytes,
  shl: [0x74] as Bytes,
  shrU: [0x76] as Bytes,
  ltU: [0x49] as Bytes,
  geS: [0x4e] as Bytes,
  select: [0x1b] as Bytes
}

export const f64 = {
  load: (offset: number): Bytes => [0x2b, 3, ...unsigned(offset)],
  store: (offset: number): Bytes => [0x39, 3, ...unsigned(offset)],
  add: [0xa0] as Bytes,
  min: [0xa4] as Bytes,
  max: [0xa5] as Bytes,
  promote: [0xbb] as Bytes,
  toF32: [0xb6] as Bytes
}

export const v128 = {
  load: (offset = 0): Bytes => simd(0x00, 4, ...unsigned(offset)),
  loadU16x4: (offset = 0): Bytes => simd(0x04, 3, ...unsigned(offset)),
  loadSplat32: (offset: number): Bytes => simd(0x09, 2, ...unsigned(offset)),
  loadSplat64: (offset: number): Bytes => simd(0x0a, 3, ...unsigned(offset)),
  store: (offset = 0): Bytes => simd(0x0b, 4, ...unsigned(offset)),
  store64: (offset = 0): Bytes => simd(0x5b, 3, ...unsigned(offset), 0),
  constF32: (value: number): Bytes => simd(0x0c, ...lanes(float32(value))),
  constI32: (value: number): Bytes => simd(0x0c, ...lanes(int32(value))),
  constLanes: (values: readonly number[]): Bytes => simd(0x0c, ...values.flatMap(int32)),
  constF64: (value: number): Bytes => simd(0x0c, ...float64(value), ...float64(value)),
  and: simd(0x4e),
  or: simd(0x50),
  select: simd(0x52)
}

/** The second half of a vector, in front; takes the vector twice. */
export const HIGH_HALF: Bytes = simd(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
/** The first halves of two vectors, one after the other. */
export const JOIN_LOW_HALVES: Bytes = simd(0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)

export const i32x4 = {
  splat: simd(0x11),
  gtS: simd(0x3b),
  ltS: simd(0x39),
  shl: simd(0xab),
  shrU: simd(0xad),
  add: simd(0xae),
  toI64Low: simd(0xc7),
  toI64High: simd(0xc8),
  narrowU16: simd(0x86)
}

export const f32x4 = {
  lane: (lane: number): Bytes => simd(0x1f, lane),
  setLane: (lane: number): Bytes => simd(0x20, lane),
  eq: simd(0x41),
  ne: simd(0x42),
  lt: simd(0x43),
  le: simd(0x45),
  ge: simd(0x46),
  floor: simd(0x68),
  abs: simd(0xe0),
  neg: simd(0xe1),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
  min: simd(0xe8),
  max: simd(0xe9),
  fromF64: simd(0x5e)
}

export const f64x2 = {
  lane: (lane: number): Bytes => simd(0x21, lane),
  setLane: (lane: number): Bytes => simd(0x22, lane),
  eq: simd(0x47),
  ne: simd(0x48),
  lt: simd(0x49),
  le: simd(0x4b),
  ge: simd(0x4c),
  floor: simd(0x75),
  abs: simd(0xec),
  neg: simd(0xed),
  sqrt: simd(0xef),
  add: simd(0xf0),
  sub: simd(0xf1),
  mul: simd(0xf2),
  div: simd(0xf3),
  min: simd(0xf4),
  max: simd(0xf5),
  fromF32Low: simd(0x5f)
}
