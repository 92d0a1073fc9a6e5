import type { Bytes } from '../bytes.js'
import { simd } from './simd.js'

export const lane = (lane: number): Bytes => simd(0x1f, lane)
export const setLane = (lane: number): Bytes => simd(0x20, lane)
export const eq: Bytes = /* @__PURE__ */ simd(0x41)
export const ne: Bytes = /* @__PURE__ */ simd(0x42)
export const lt: Bytes = /* @__PURE__ */ simd(0x43)
export const ge: Bytes = /* @__PURE__ */ simd(0x46)
export const abs: Bytes = /* @__PURE__ */ simd(0xe0)
export const add: Bytes = /* @__PURE__ */ simd(0xe4)
export const sub: Bytes = /* @__PURE__ */ simd(0xe5)
export const mul: Bytes = /* @__PURE__ */ simd(0xe6)
export const fromF64: Bytes = /* @__PURE__ */ simd(0x5e)
