import type { Bytes } from '../bytes.js'
import { simd } from './simd.js'

export const splat: Bytes = /* @__PURE__ */ simd(0x11)
export const lane = (lane: number): Bytes => simd(0x1b, lane)
export const gtS: Bytes = /* @__PURE__ */ simd(0x3b)
export const ltS: Bytes = /* @__PURE__ */ simd(0x39)
export const shl: Bytes = /* @__PURE__ */ simd(0xab)
export const shrU: Bytes = /* @__PURE__ */ simd(0xad)
export const shrS: Bytes = /* @__PURE__ */ simd(0xac)
export const add: Bytes = /* @__PURE__ */ simd(0xae)
export const mul: Bytes = /* @__PURE__ */ simd(0xb5)
export const sub: Bytes = /* @__PURE__ */ simd(0xb1)
export const minS: Bytes = /* @__PURE__ */ simd(0xb6)
export const maxS: Bytes = /* @__PURE__ */ simd(0xb8)
export const maxU: Bytes = /* @__PURE__ */ simd(0xb9)
export const toI64Low: Bytes = /* @__PURE__ */ simd(0xc7)
export const toI64High: Bytes = /* @__PURE__ */ simd(0xc8)
export const narrowU16: Bytes = /* @__PURE__ */ simd(0x86)
export const narrowS16: Bytes = /* @__PURE__ */ simd(0x85)
/** Four bytes, the first ones, one in each lane. */
export const fromU8: Bytes = /* @__PURE__ */ (() => [...simd(0x89), ...simd(0xa9)])()
