import { scaled } from './words.js'

/**
 * eˣ, within one unit in the last place, with the same bits in every JavaScript engine (`Math.exp` has not).
 *
 * Reduced to |r| ≤ ½ ln 2 by x = k ln 2 + r; there eʳ comes from a rational function in r², as in fdlibm.
 *
 * @example
 * exp(0) // => 1
 * exp(-0.5) // => 0.6065306597126334
 */
export const exp = (x: number): number => {
  if (x !== x) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019411) return 0
  const k = Math.round(x * Math.LOG2E)
  const high = x - k * 0.6931471803691238
  const low = k * 1.9082149292705877e-10
  const r = high - low
  const t = r * r
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))))
  return scaled(1 - (low - (r * c) / (2 - c) - high), k)
}
