import type { Bytes } from '../bytes.js'
import { simd } from './simd.js'

export const lane = (lane: number): Bytes => simd(0x21, lane)
export const setLane = (lane: number): Bytes => simd(0x22, lane)
export const ne: Bytes = /* @__PURE__ */ simd(0x48)
export const add: Bytes = /* @__PURE__ */ simd(0xf0)
export const mul: Bytes = /* @__PURE__ */ simd(0xf2)
export const min: Bytes = /* @__PURE__ */ simd(0xf4)
export const max: Bytes = /* @__PURE__ */ simd(0xf5)
/** a · b + c, of which a host may leave out the rounding in between. */
export const relaxedMadd: Bytes = /* @__PURE__ */ simd(0x107)
export const fromF32Low: Bytes = /* @__PURE__ */ simd(0x5f)
