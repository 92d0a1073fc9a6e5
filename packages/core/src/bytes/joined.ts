/**
 * Bytes that stand apart, one after the other, in memory of their own.
 *
 * @example
 * joined([Uint8Array.of(1, 2), Uint8Array.of(3)]) // => Uint8Array [1, 2, 3]
 */
export const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
