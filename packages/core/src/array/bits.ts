const word = /* @__PURE__ */ new ArrayBuffer(4)
const f32 = /* @__PURE__ */ new Float32Array(word)
const u32 = /* @__PURE__ */ new Uint32Array(word)

/** The 32 bits of a float32. */
export const bitsOf = (x: number): number => {
  f32[0] = x
  return u32[0] as number
}

/** The float32 of 32 bits. */
export const fromBits = (bits: number): number => {
  u32[0] = bits
  return f32[0] as number
}
