import type { Bytes } from '../bytes.js'
import { simd } from './simd.js'

export const splat: Bytes = /* @__PURE__ */ simd(0x13)
export const lane = (lane: number): Bytes => simd(0x1f, lane)
export const setLane = (lane: number): Bytes => simd(0x20, lane)
export const eq: Bytes = /* @__PURE__ */ simd(0x41)
export const ne: Bytes = /* @__PURE__ */ simd(0x42)
export const lt: Bytes = /* @__PURE__ */ simd(0x43)
export const gt: Bytes = /* @__PURE__ */ simd(0x44)
export const ge: Bytes = /* @__PURE__ */ simd(0x46)
export const abs: Bytes = /* @__PURE__ */ simd(0xe0)
export const add: Bytes = /* @__PURE__ */ simd(0xe4)
export const sub: Bytes = /* @__PURE__ */ simd(0xe5)
export const mul: Bytes = /* @__PURE__ */ simd(0xe6)
export const floor: Bytes = /* @__PURE__ */ simd(0x68)
/** The smaller and the larger of two where neither is NaN, in one instruction of a processor. */
export const pmin: Bytes = /* @__PURE__ */ simd(0xea)
export const pmax: Bytes = /* @__PURE__ */ simd(0xeb)
export const fromI32: Bytes = /* @__PURE__ */ simd(0xfa)
export const fromF64: Bytes = /* @__PURE__ */ simd(0x5e)
