const INFINITE = 0x7f800000
/** 2⁻¹⁴, the smallest normal float16, as the bits of a float32. */
const NORMAL = 0x38800000
/** 65536, what comes after the largest float16, as the bits of a float32. */
const TOO_LARGE = 0x47800000

/**
 * The 16 bits of float32 numbers, each rounded to one of its two neighbours: up as often as it is nearer to the upper one. To
 * the bits of a magnitude random ones are added where bits are about to be cut off. NaN and the infinities stay.
 *
 * @param words - 16 random bits for each number, two in a word.
 */
export const roundStochastically = (
  data: Float32Array,
  words: Uint32Array,
  dtype: 'bfloat16' | 'float16'
): Uint16Array => {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length)
  const round = dtype === 'bfloat16' ? toBfloat16 : toFloat16
  const out = new Uint16Array(data.length)
  for (let i = 0; i < out.length; i++) {
    const word = words[i >>> 1] as number
    const random = i % 2 === 0 ? word & 0xffff : word >>> 16
    const whole = bits[i] as number
    out[i] = ((whole >>> 16) & 0x8000) | round(whole & 0x7fffffff, random, data[i] as number)
  }
  return out
}

const toBfloat16 = (magnitude: number, random: number): number => {
  if (magnitude > INFINITE) return 0x7fc0
  return magnitude === INFINITE ? 0x7f80 : (magnitude + random) >>> 16
}

const toFloat16 = (magnitude: number, random: number, x: number): number => {
  if (magnitude > INFINITE) return 0x7e00
  // Below the normal numbers the distance of neighbours stays the same.
  if (magnitude < NORMAL) return Math.floor(Math.abs(x) * 2 ** 24 + random * 2 ** -16)
  const raised = magnitude === INFINITE ? INFINITE : magnitude + (random >>> 3)
  return raised >= TOO_LARGE ? 0x7c00 : (raised >>> 13) - 0x1c000
}
