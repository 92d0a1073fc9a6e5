import { exp } from '@gradchain/core/numbers'

const ROOT_PI = 1.772453850905516

/**
 * The imaginary error function, 2 / √π ∫ exp(s²) ds from 0 to x, with the same bits in every JavaScript engine.
 *
 * Its power series has terms of one sign; where that gets long the asymptotic one has terms that fall below a rounding first.
 */
export const erfi = (x: number): number => (Math.abs(x) < 6.5 ? series(x) : asymptotic(x))

const series = (x: number): number => {
  let [power, total] = [x, x]
  for (let k = 1; k < 400; k++) {
    power *= (x * x) / k
    const next = total + power / (2 * k + 1)
    if (next === total) break
    total = next
  }
  return (2 * total) / ROOT_PI
}

const asymptotic = (x: number): number => {
  const share = 1 / (2 * x * x)
  let [term, total] = [1, 1]
  for (let k = 1; k < 40; k++) {
    term *= (2 * k - 1) * share
    const next = total + term
    if (next === total) break
    total = next
  }
  return (exp(x * x) * total) / (x * ROOT_PI)
}
