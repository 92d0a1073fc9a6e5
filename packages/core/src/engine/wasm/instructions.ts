import { type Bytes, float32, float64, int32, signed, unsigned } from './bytes.js'

const simd = (code: number, ...immediates: number[]): Bytes => [0xfd, ...unsigned(code), ...immediates]

/** Instructions without operands of their own, by their codes. */
const simds = <Name extends string>(codes: Readonly<Record<Name, number>>): Readonly<Record<Name, Bytes>> => {
  const entries = Object.entries<number>(codes).map(([name, code]) => [name, simd(code)])
  return Object.fromEntries(entries) as Readonly<Record<Name, Bytes>>
}

/** The same, with those that take a lane out of a vector and put one in, whose codes follow each other. */
const laned = <Name extends string>(code: number, codes: Readonly<Record<Name, number>>) => ({
  ...simds(codes),
  lane: (lane: number): Bytes => simd(code, lane),
  setLane: (lane: number): Bytes => simd(code + 1, lane)
})

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

/** Runs the body while the condition holds. */
export const loopWhile = (condition: Bytes, body: Bytes): Bytes => [
  ...[0x02, 0x40],
  ...condition,
  ...[0x45, 0x0d, 0x00, 0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0x00, 0x0b, 0x0b]
]

/** Ends the loop, directly in its body, if the condition holds. */
export const breakIf = (condition: Bytes): Bytes => [...condition, 0x0d, 0x01]

/** Runs the body if the condition holds. */
export const when = (condition: Bytes, body: Bytes): Bytes => [...condition, 0x04, 0x40, ...body, 0x0b]

export const i32 = {
  const: (value: number): Bytes => [0x41, ...signed(value)],
  load: (offset: number): Bytes => [0x28, 2, ...unsigned(offset)],
  add: [0x6a] as Bytes,
  sub: [0x6b] as Bytes,
  mul: [0x6c] as Bytes,
  divU: [0x6e] as Bytes,
  remU: [0x70] as Bytes,
  and: [0x71] as Bytes,
  shl: [0x74] as Bytes,
  shrU: [0x76] as Bytes,
  eqz: [0x45] as Bytes,
  eq: [0x46] as Bytes,
  ltU: [0x49] as Bytes,
  geU: [0x4f] as Bytes,
  geS: [0x4e] as Bytes,
  select: [0x1b] as Bytes
}

export const f32 = {
  load: (offset: number): Bytes => [0x2a, 2, ...unsigned(offset)],
  store: (offset: number): Bytes => [0x38, 2, ...unsigned(offset)],
  add: [0x92] as Bytes
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
  and: /* @__PURE__ */ simd(0x4e),
  or: /* @__PURE__ */ simd(0x50),
  select: /* @__PURE__ */ simd(0x52)
}

/** The second half of a vector, in front; takes the vector twice. */
export const HIGH_HALF: Bytes = /* @__PURE__ */ simd(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
/** The first halves of two vectors, one after the other. */
export const JOIN_LOW_HALVES: Bytes = /* @__PURE__ */ simd(0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)

export const i32x4 = /* @__PURE__ */ simds({
  splat: 0x11,
  gtS: 0x3b,
  ltS: 0x39,
  shl: 0xab,
  shrU: 0xad,
  add: 0xae,
  toI64Low: 0xc7,
  toI64High: 0xc8,
  narrowU16: 0x86
})

export const f32x4 = /* @__PURE__ */ laned(0x1f, {
  eq: 0x41,
  ne: 0x42,
  lt: 0x43,
  le: 0x45,
  ge: 0x46,
  floor: 0x68,
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  min: 0xe8,
  max: 0xe9,
  fromF64: 0x5e
})

export const f64x2 = /* @__PURE__ */ laned(0x21, {
  eq: 0x47,
  ne: 0x48,
  lt: 0x49,
  le: 0x4b,
  ge: 0x4c,
  floor: 0x75,
  abs: 0xec,
  neg: 0xed,
  sqrt: 0xef,
  add: 0xf0,
  sub: 0xf1,
  mul: 0xf2,
  div: 0xf3,
  min: 0xf4,
  max: 0xf5,
  fromF32Low: 0x5f
})
