/** 2⁻¹⁰⁰⁰: its inverse is a number. */
const LEAST = 9.332636185032189e-302

/** The largest power of two that a finite number > 0 is not below, and 2⁻¹⁰⁰⁰ at least: divided by it, numbers keep their digits. */
export const powerOfTwo = (size: number): number => {
  let power = 1
  while (2 * power <= size) power *= 2
  while (power > size && power > LEAST) power /= 2
  return power
}
