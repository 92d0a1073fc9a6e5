// For the tests of numbers: how far one is from another, in units of the last place.

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** Numbers in their order, as whole numbers: neighbours differ by 1. */
const rankOf = (x: number): bigint => {
  bits.setFloat64(0, x)
  const word = bits.getBigInt64(0)
  return word < 0n ? -(word & 0x7fffffffffffffffn) : word
}

/** How many float64 numbers lie between two, one of them counted. */
export const ulpsBetween = (a: number, b: number): number => {
  if (Object.is(a, b)) return 0
  const distance = rankOf(a) - rankOf(b)
  return Number(distance < 0n ? -distance : distance)
}
