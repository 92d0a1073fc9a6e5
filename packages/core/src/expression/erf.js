// Plain JavaScript, because workers load it as it is.

const TWO_OVER_ROOT_PI = 1.1283791670955126

/**
 * The error function, 2/√π ∫₀ˣ e^(−t²) dt, to about the last bit of a float64.
 *
 * @param {number} x
 * @returns {number}
 */
export const erf = (x) => {
  const z = Math.abs(x)
  if (z !== z || z === 0) return x
  if (z > 6) return x < 0 ? -1 : 1
  const value = z < 2.5 ? series(z) : 1 - tail(z)
  return x < 0 ? -value : value
}

/**
 * 2/√π e^(−z²) Σ 2ⁿ z²ⁿ⁺¹ / (2n+1)!!: every term is positive, so nothing cancels.
 *
 * @param {number} z
 */
const series = (z) => {
  let term = z
  let sum = z
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * z * z) / (2 * n + 1)
    sum += term
  }
  return TWO_OVER_ROOT_PI * Math.exp(-z * z) * sum
}

/**
 * 1 − erf by its continued fraction, e^(−z²)/√π · 1/(z + ½/(z + 1/(z + 3⁄2/(z + …)))), from the inside out.
 *
 * @param {number} z
 */
const tail = (z) => {
  let fraction = z
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction)
}
