// How gamma numbers are drawn: as JAX does, one key for each element, so that the numbers are the same.
import { log } from '../numbers/log.js'
import { type DrawnDType, unitOf } from './draw.js'
import { standardNormal32, standardNormal64 } from './erfInv.js'
import { log1p32, log1p64, log32 } from './log.js'
import { hash, type Words } from './threefry.js'

/** What a gamma number is made of: d V, and for a shape below 1 a power of 1 − u besides. */
export interface GammaDraw {
  readonly d: number
  readonly v: number
  /** Uniform in [0, 1). */
  readonly u: number
}

/** The first keys that `split` makes of a key. */
export const children = (words: Words, n: number): readonly Words[] => {
  const highs = new Uint32Array(n)
  const lows = new Uint32Array(n)
  hash(words, 0, highs, lows)
  return Array.from(highs, (high, i) => [high, lows[i] as number] as const)
}

/**
 * Draws of a shape a ≥ 1, or of a + 1 where it is smaller, one for each key.
 *
 *     d = a − ⅓,  c = ⅓ / √d,  V = (1 + c x)³        for x normal, taken where V > 0 and ln U < x²/2 + d (1 − V + ln V)
 *
 * @see Marsaglia and Tsang (2000), {@link https://doi.org/10.1145/358407.358414}
 */
export const gammaDraws = (a: number, dtype: DrawnDType): ((words: Words) => GammaDraw) => {
  const isNarrow = dtype === 'float32'
  const round = isNarrow ? Math.fround : Number
  const [ln, standardNormal] = isNarrow ? [log32, standardNormal32] : [log, standardNormal64]
  const third = round(1 / 3)
  const d = round((a >= 1 ? a : round(a + 1)) - third)
  const c = round(third * round(1 / Math.sqrt(d)))
  const squeeze = round(0.0331)

  const candidate = (words: Words): readonly [square: number, cube: number] => {
    let current = words
    for (;;) {
      const [next, now] = children(current, 2) as readonly [Words, Words]
      const x = round(standardNormal(unitOf(now, dtype)))
      const v = round(1 + x * c)
      if (v > 0) return [round(x * x), round(round(v * v) * v)]
      current = next
    }
  }

  return (words) => {
    const [first, last] = children(words, 2) as readonly [Words, Words]
    let current = first
    for (;;) {
      const [next, forNormal, forUniform] = children(current, 3) as readonly [Words, Words, Words]
      const [square, v] = candidate(forNormal)
      const uniform = unitOf(forUniform, dtype)
      const isSurely = uniform < round(1 - squeeze * round(square * square))
      if (isSurely || uniform === 0 || ln(uniform) < round(square * 0.5 + round(d * round(round(1 - v) + ln(v))))) {
        return { d, v, u: unitOf(last, dtype) }
      }
      current = next
    }
  }
}

/** ln(d V ν^(1/a)), the logarithm of a gamma number of shape a, one for each key. */
export const logGammaDraws = (a: number, dtype: DrawnDType): ((words: Words) => number) => {
  const isNarrow = dtype === 'float32'
  const round = isNarrow ? Math.fround : Number
  const [ln, log1p] = isNarrow ? [log32, log1p32] : [log, log1p64]
  const form = round(a)
  const draw = gammaDraws(form, dtype)
  return (words) => {
    const { d, v, u } = draw(words)
    const whole = round(ln(d) + ln(v))
    // An infinite exponent of 1 is no number.
    return form >= 1 || u === 0 ? whole : round(whole + round(log1p(-u) * round(1 / form)))
  }
}
