// The generator behind every draw: Threefry-2x32 with 20 rounds, a hash of a counter under a key.

/** The two 32-bit words of a key. */
export type Words = readonly [high: number, low: number]

const PARITY = 0x1bd11bda

/** How far each of four rounds turns the second word; the two rows take turns. */
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24]
] as const

/**
 * Fills `high[i]` and `low[i]` with the hash of the counter first + i.
 *
 * @see Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3, section 3.4,
 * {@link https://doi.org/10.1145/2063384.2063405}
 */
export const hash = ([high, low]: Words, first: number, highs: Uint32Array, lows: Uint32Array): void => {
  const words = Int32Array.of(high, low, high ^ low ^ PARITY)
  for (let i = 0; i < highs.length; i++) {
    // The upper word of the counter is 0.
    let a = words[0] as number
    let b = (first + i + (words[1] as number)) | 0
    for (let group = 0; group < 5; group++) {
      const [r, s, t, u] = ROTATIONS[(group & 1) as 0 | 1]
      a = (a + b) | 0
      b = ((b << r) | (b >>> -r)) ^ a
      a = (a + b) | 0
      b = ((b << s) | (b >>> -s)) ^ a
      a = (a + b) | 0
      b = ((b << t) | (b >>> -t)) ^ a
      a = (a + b) | 0
      b = ((b << u) | (b >>> -u)) ^ a
      a = (a + (words[(group + 1) % 3] as number)) | 0
      b = (b + (words[(group + 2) % 3] as number) + group + 1) | 0
    }
    highs[i] = a
    lows[i] = b
  }
}
