// The two halves of a float64, with its sign and exponent in the high one, whatever the order of bytes.
const view = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** The high half of a number, as a signed whole number. */
export const highOf = (x: number): number => {
  view.setFloat64(0, x)
  return view.getInt32(0)
}

/** The number with another high half. */
export const withHigh = (x: number, high: number): number => {
  view.setFloat64(0, x)
  view.setInt32(0, high)
  return view.getFloat64(0)
}

/** The number with nothing in its low half. */
export const withoutLow = (x: number): number => {
  view.setFloat64(0, x)
  view.setInt32(4, 0)
  return view.getFloat64(0)
}

/** x · 2ᵏ for 1/2 < x < 2 and −1076 ≤ k ≤ 1024, rounded once. */
export const scaled = (x: number, k: number): number => {
  if (k > 1023) return 2 * x * powerOf2(k - 1)
  // In the normal range first, so that only the last product rounds.
  if (k < -1022) return x * powerOf2(k + 54) * powerOf2(-54)
  return x * powerOf2(k)
}

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
export const powerOf2 = (k: number): number => withHigh(0, (k + 1023) << 20)
