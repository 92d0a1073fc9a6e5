// A step of a lane, h ← (h ⊕ word) · odd, h ← h ⊕ (h >>> 15), has an inverse, so that a flaw within one word always shows.

export const ODD = 0x9e3779b1 | 0
export const SHIFT = 15
export const LANES = 32
/** Bytes that all lanes take at a time. */
export const BLOCK = 4 * LANES

/** Takes a lane one word along. */
export const mix = (h: number, word: number): number => {
  const mixed = Math.imul(h ^ word, ODD)
  return mixed ^ (mixed >>> SHIFT)
}

/** How many lanes are taken along at a time: as many as there are registers for. */
const AT_ONCE = 8

/** Takes lanes along over bytes, whose number is a multiple of those that all lanes take at a time. */
export const blocksInJs = (lanes: Int32Array, bytes: Uint8Array): void => {
  const words = wordsOf(bytes)
  for (let first = 0; first < LANES; first += AT_ONCE) eightLanes(lanes, words, first)
}

const eightLanes = (lanes: Int32Array, words: Int32Array, first: number): void => {
  const list = words as unknown as readonly number[]
  const eight = lanes.subarray(first, first + AT_ONCE)
  let [a, b, c, d, e, f, g, h] = eight as unknown as readonly [
    ...[number, number, number, number],
    ...[number, number, number, number]
  ]
  for (let i = first; i < words.length; i += LANES) {
    a = Math.imul(a ^ (list[i] as number), ODD)
    b = Math.imul(b ^ (list[i + 1] as number), ODD)
    c = Math.imul(c ^ (list[i + 2] as number), ODD)
    d = Math.imul(d ^ (list[i + 3] as number), ODD)
    e = Math.imul(e ^ (list[i + 4] as number), ODD)
    f = Math.imul(f ^ (list[i + 5] as number), ODD)
    g = Math.imul(g ^ (list[i + 6] as number), ODD)
    h = Math.imul(h ^ (list[i + 7] as number), ODD)
    a ^= a >>> SHIFT
    b ^= b >>> SHIFT
    c ^= c >>> SHIFT
    d ^= d >>> SHIFT
    e ^= e >>> SHIFT
    f ^= f >>> SHIFT
    g ^= g >>> SHIFT
    h ^= h >>> SHIFT
  }
  eight.set([a, b, c, d, e, f, g, h])
}

/** Bytes as words, over the same memory where they begin at a word. */
const wordsOf = (bytes: Uint8Array): Int32Array => {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Int32Array(buffer, byteOffset, length / 4)
}
