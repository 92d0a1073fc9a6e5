// Logarithms as XLA computes them on a CPU, step by step, so that what is made of them is the same to the bit. In float32
// a product and the sum it goes into are rounded together there: the product is exact in float64.
import { log } from '../numbers/log.js'

const fround = Math.fround

const word = /* @__PURE__ */ new ArrayBuffer(4)
const float = /* @__PURE__ */ new Float32Array(word)
const int = /* @__PURE__ */ new Int32Array(word)

const LN_2_HIGH = 0.693359375
const LN_2_LOW = /* @__PURE__ */ fround(-2.1219444e-4)
const HALF_ROOT = /* @__PURE__ */ fround(Math.SQRT1_2)

// log(1 + x) ≈ x − x²/2 + x³ P(x), P split in three by every third power.
const FIRST = /* @__PURE__ */ Float32Array.of(7.0376836292e-2, -1.151461031e-1, 1.167699874e-1)
const SECOND = /* @__PURE__ */ Float32Array.of(-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1)
const THIRD = /* @__PURE__ */ Float32Array.of(2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)

const cubic = (c: Float32Array, x: number): number =>
  fround(fround(x * (c[0] as number) + (c[1] as number)) * x + (c[2] as number))

/** log(y) for a positive, normal float32. */
export const log32 = (y: number): number => {
  float[0] = y
  let exponent = ((int[0] as number) >>> 23) - 126
  int[0] = ((int[0] as number) & 0x7fffff) | 0x3f000000
  const mantissa = float[0]
  // From [½, 1) to where the series is: [−0.29, 0.41].
  let x = fround(mantissa - 1)
  if (mantissa < HALF_ROOT) {
    exponent -= 1
    x = fround(x + mantissa)
  }
  const square = fround(x * x)
  const cube = fround(square * x)
  let p = fround(cubic(FIRST, x) * cube + cubic(SECOND, x))
  p = fround(p * cube + cubic(THIRD, x))
  p = fround(p * cube + fround(exponent * LN_2_LOW))
  return fround(exponent * LN_2_HIGH + fround(fround(x - 0.5 * square) + p))
}

// log(1 + x) = x − x²/2 + x³ P(x)/Q(x), the rational function of Cephes.
const NUMERATOR = [
  4.52700008624452e-5, 0.49854102823193375, 6.578732594206104, 29.911919328553072, 60.94966798098779, 57.11296359058554,
  20.039553499201283
]
const DENOMINATOR = [
  1, 15.062909083469192, 83.04756596796722, 221.76239823732857, 309.09872225312057, 216.42788614495947,
  60.11866049760384
]
const NUMERATOR_F32 = /* @__PURE__ */ Float32Array.from(NUMERATOR)
const DENOMINATOR_F32 = /* @__PURE__ */ Float32Array.from(DENOMINATOR)
const SMALL = Math.SQRT2 - 1

/** log(1 + x) for a float32 in (−1, ∞). */
export const log1p32 = (x: number): number => {
  if (!(Math.abs(x) < fround(SMALL))) return log32(fround(1 + x))
  let p = 0
  let q = 0
  for (let i = 0; i < NUMERATOR.length; i++) {
    p = fround(p * x + (NUMERATOR_F32[i] as number))
    q = fround(q * x + (DENOMINATOR_F32[i] as number))
  }
  const square = fround(x * x)
  const cube = fround(x * square)
  return fround(x + fround(-0.5 * square + fround(cube * fround(p / q))))
}

/** log(1 + x) for a float64 in (−1, ∞). */
export const log1p64 = (x: number): number => {
  if (!(Math.abs(x) < SMALL)) return log(1 + x)
  let p = 0
  let q = 0
  for (let i = 0; i < NUMERATOR.length; i++) {
    p = p * x + (NUMERATOR[i] as number)
    q = q * x + (DENOMINATOR[i] as number)
  }
  const square = x * x
  return x + (-0.5 * square + x * square * (p / q))
}
