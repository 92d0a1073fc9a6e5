import type { Bytes } from '../bytes.js'
import { simd } from './simd.js'

export const splat: Bytes = /* @__PURE__ */ simd(0x11)
export const gtS: Bytes = /* @__PURE__ */ simd(0x3b)
export const ltS: Bytes = /* @__PURE__ */ simd(0x39)
export const shl: Bytes = /* @__PURE__ */ simd(0xab)
export const shrU: Bytes = /* @__PURE__ */ simd(0xad)
export const add: Bytes = /* @__PURE__ */ simd(0xae)
export const mul: Bytes = /* @__PURE__ */ simd(0xb5)
export const toI64Low: Bytes = /* @__PURE__ */ simd(0xc7)
export const toI64High: Bytes = /* @__PURE__ */ simd(0xc8)
export const narrowU16: Bytes = /* @__PURE__ */ simd(0x86)
