import { log } from '@gradchain/core/numbers'
import { nice, ticks } from 'd3-array'

/** How an axis follows its numbers. */
export type ScaleType = 'linear' | 'log'

/** From where to where an axis goes. */
export type Domain = readonly [from: number, to: number]

/** Beyond this nothing is drawn: the length of an axis has to be a number, too. */
const MOST = 1e300
/** Below this a logarithmic axis ends. */
const LEAST = 1e-300

/** Whether there is a place for a number. */
export const isDrawn = (value: number): boolean => Math.abs(value) <= MOST

/** The power of ten at or below a number > 0, as an exponent. */
export const exponentOf = (value: number): number => {
  const guess = Math.floor(log(value) / Math.LN10 + 1e-9)
  return powerOfTen(guess) > value ? guess - 1 : guess
}

/** A power of ten, rounded once. */
export const powerOfTen = (exponent: number): number => Number(`1e${exponent}`)

/** A linear axis that holds all of the numbers and ends in round ones. */
export const linearDomain = (values: Iterable<number>): Domain => {
  const [low, high] = extent(values)
  if (low > high) return [0, 1]
  const size = Math.max(-low, high)
  // Closer than this the numbers beside the axis would be told apart by nothing that can be read.
  const room = high - low > Math.max(1e-8 * size, LEAST) ? 0 : size > LEAST ? size / 2 : 1
  const [from, to] = nice(low - room, high + room, 5) as [number, number]
  return [from, to]
}

/** A logarithmic axis that holds all numbers > 0 and ends in 1, 2 or 5 times powers of ten; lower ones are drawn at its end, a decade below. */
export const logDomain = (values: readonly number[]): Domain => {
  const [low, high] = extent(values.filter((value) => value > 0))
  if (low > high) return [0.1, 1]
  const hasLower = values.some((value) => value <= 0)
  const at = Math.max(low, LEAST)
  const from = hasLower ? powerOfTen(Math.max(-300, exponentOf(at) - 1)) : oneTwoFive(at, 'down')
  const to = oneTwoFive(Math.max(high, at), 'up')
  return to > from ? [from, to] : [from / 10, to * 10]
}

const extent = (values: Iterable<number>): Domain => {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

const oneTwoFive = (value: number, direction: 'down' | 'up'): number => {
  const exponent = exponentOf(value)
  const all = [1, 2, 5, 10].map((digit) => Number(`${digit}e${exponent}`))
  return (direction === 'up' ? all.find((one) => one >= value) : all.findLast((one) => one <= value)) as number
}

/** Where a number lies on an axis, from 0 at its begin to 1 at its end; a logarithm has everything that is too low at its begin. */
export const placeOf = (value: number, type: ScaleType, [from, to]: Domain): number =>
  type === 'linear' ? (value - from) / (to - from) : decadesOf(Math.max(value, from), from) / decadesOf(to, from)

/** The logarithm of a ratio, which need not be a number itself. */
const decadesOf = (a: number, b: number): number => (a / b < Infinity ? log(a / b) : log(a) - log(b))

/** Round numbers on an axis, about as many as are wanted; whole ones alone, if these are wanted. */
export const ticksOf = (type: ScaleType, [from, to]: Domain, wanted: number, areWhole = false): readonly number[] => {
  if (type === 'linear') return ticks(from, to, wanted).filter((tick) => !areWhole || Number.isInteger(tick))
  const [first, last] = [exponentOf(from), exponentOf(to)]
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  if (decades.length - 1 < 2) {
    const finer = decades.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)))
    return finer.filter((tick) => tick >= from && tick <= to)
  }
  const stride = [1, 2, 3, 5, 10, 20, 50, 100].find((n) => decades.length / n <= wanted + 0.5) ?? 200
  return decades
    .filter((exponent) => exponent % stride === 0)
    .map(powerOfTen)
    .filter((tick) => tick >= from && tick <= to)
}

/** How numbers beside an axis are written: with no more digits than tell them apart. */
export const labelsOf = (type: ScaleType, values: readonly number[]): readonly string[] => {
  if (type === 'log') return values.map((value) => (value < 1e-3 || value >= 1e6 ? short(value) : String(value)))
  const largest = Math.max(0, ...values.map(Math.abs))
  const step = values.length > 1 ? Math.abs((values[1] as number) - (values[0] as number)) : largest
  if (step === 0) return values.map(String)
  // A bit more than the step, against one of 0.29999….
  const exponent = exponentOf(step * 1.001)
  if (largest < 1e9 && exponent >= (largest < 1e6 ? -5 : -1))
    return values.map((value) => fixed(value, Math.max(0, -exponent)))
  const digits = Math.max(0, exponentOf(largest * 1.001) - exponent)
  return values.map((value) => (value === 0 ? '0' : short(value, Math.min(digits, 15))))
}

const fixed = (value: number, digits: number): string => (value === 0 ? '0' : value.toFixed(digits))

const short = (value: number, digits?: number): string => value.toExponential(digits).replace('e+', 'e')
