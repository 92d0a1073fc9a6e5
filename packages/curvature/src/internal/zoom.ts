import type { LinePoint } from './objective.js'

/** When a point on a line is good, and where to look for one. */
export interface ZoomRules {
  /** How many points are tried at most. */
  readonly steps: number
  /** The largest rate, ∞ where there is none. */
  readonly maxRate: number
  /** How much of an error is none. */
  readonly tol: number
  /** By how much a rate grows while the loss goes on falling. */
  readonly increaseFactor: number
  readonly slopeRtol: number
  readonly curvRtol: number
  /** By which share of itself the loss may rise where its slope says that it falls; `null` for nothing of the kind. */
  readonly approxDecRtol: number | null
  /** How short an interval is not looked into when something in it is good enough. */
  readonly precision: number
}

/** A point by how far it is from being good. */
export interface Judged {
  readonly point: LinePoint
  readonly decreaseError: number
  readonly curvatureError: number
}

/** What was found on a line. */
export interface Found {
  /** The point to go to; `null` where none is better than where it began. */
  readonly chosen: Judged | null
  /** How many points were tried. */
  readonly steps: number
  /** The rate of the point chosen, else of the last one tried. */
  readonly rate: number
  /** Of the point chosen, else of the one with the least loss; ∞ where there is none. */
  readonly decreaseError: number
  readonly curvatureError: number
}

/** Where a search begins: rate 0. */
export interface Start {
  readonly value: number
  readonly slope: number
}

/** An end of an interval. */
type End = Pick<LinePoint, 'rate' | 'value' | 'slope'>

/** An interval that has a good point in it; `low` is the end with the smaller loss. */
interface Interval {
  readonly low: End
  readonly high: End
  /** A third point, for the cubic through all three. */
  readonly third: Pick<End, 'rate' | 'value'>
}

/**
 * Looks for a point on a line where the loss has fallen enough and its slope is small enough, the strong conditions of Wolfe: first with
 * ever larger rates for an interval that has one, then in that interval, by a cubic, by a parabola, or in the middle.
 *
 * @see Nocedal and Wright (2006), algorithms 3.5 and 3.6
 * @see Hager and Zhang (2006), equations 23 and 27, for where the loss is as good as flat
 */
export const zoom = (rules: ZoomRules, start: Start, guess: number, at: (rate: number) => LinePoint): Found => {
  const search = new Search(rules, start, at)
  const interval = search.outwards(guess)
  if (interval !== null) search.inwards(interval)
  return search.found()
}

class Search {
  readonly #rules: ZoomRules
  readonly #start: Start
  readonly #at: (rate: number) => LinePoint
  #steps = 0
  #rate = 0
  /** The point that the search has ended with. */
  #chosen: Judged | null = null
  /** The last point so far where the loss has fallen enough. */
  #safe: Judged | null = null
  /** The point with the least loss so far. */
  #least: Judged | null = null

  constructor(rules: ZoomRules, start: Start, at: (rate: number) => LinePoint) {
    this.#rules = rules
    this.#start = start
    this.#at = at
  }

  /** An interval with a good point in it; `null` where the search is over. */
  outwards(guess: number): Interval | null {
    const { steps, maxRate, increaseFactor, tol } = this.#rules
    let before: End = { rate: 0, ...this.#start }
    for (let rate = guess; this.#steps < steps; rate = increaseFactor * before.rate) {
      const isLargest = rate >= maxRate
      const judged = this.#try(Math.min(rate, maxRate))
      const { point, decreaseError, curvatureError } = judged
      if (decreaseError <= tol) this.#safe = judged
      if (Math.max(decreaseError, curvatureError) <= tol) return this.#end(judged)
      if (decreaseError > 0 || (this.#steps > 1 && point.value >= before.value)) {
        return { low: before, high: point, third: before }
      }
      if (point.slope >= 0) return { low: point, high: before, third: point }
      // It falls, and would go on falling: there is nothing better up to here.
      if (isLargest) return this.#end(judged)
      before = point
    }
    return null
  }

  /** Looks for a good point in ever smaller intervals. */
  inwards({ low, high, third }: Interval): void {
    const { steps, tol, precision } = this.#rules
    while (this.#steps < steps) {
      const isShort = Math.abs(high.rate - low.rate) <= precision
      const judged = this.#try(between(low, high, third))
      const { point, decreaseError, curvatureError } = judged
      const safest = this.#safe === null ? this.#start.value : this.#safe.point.value
      if (decreaseError <= tol && point.value < safest) this.#safe = judged
      if (Math.max(decreaseError, curvatureError) <= tol) {
        this.#end(judged)
        return
      }
      if (isShort && this.#safe !== null) return
      if (decreaseError > 0 || point.value >= low.value) {
        third = high
        high = point
      } else {
        const isBehind = point.slope * (high.rate - low.rate) >= 0
        third = isBehind ? high : low
        if (isBehind) high = low
        low = point
      }
    }
  }

  found(): Found {
    const isBetter = this.#least !== null && this.#least.point.value < this.#start.value
    const chosen = this.#chosen ?? this.#safe ?? (isBetter ? this.#least : null)
    const { decreaseError = Infinity, curvatureError = Infinity } = chosen ?? this.#least ?? {}
    return { chosen, steps: this.#steps, rate: chosen?.point.rate ?? this.#rate, decreaseError, curvatureError }
  }

  #end(judged: Judged): null {
    this.#chosen = judged
    return null
  }

  #try(rate: number): Judged {
    this.#steps += 1
    this.#rate = rate
    const judged = this.#judged(this.#at(rate))
    const { value, hasFailed } = judged.point
    if (!hasFailed && (this.#least === null || value < this.#least.point.value)) this.#least = judged
    return judged
  }

  #judged(point: LinePoint): Judged {
    const { slopeRtol, curvRtol, approxDecRtol } = this.#rules
    const { value, slope } = this.#start
    if (point.hasFailed) return { point, decreaseError: Infinity, curvatureError: Infinity }
    const rise = point.value - value
    const exact = rise - slopeRtol * point.rate * slope
    const approximate =
      approxDecRtol === null
        ? Infinity
        : Math.max(point.slope - (2 * slopeRtol - 1) * slope, rise - approxDecRtol * Math.abs(value))
    const curvatureError = curvRtol === Infinity ? 0 : Math.abs(point.slope) - curvRtol * Math.abs(slope)
    return {
      point,
      decreaseError: Math.max(Math.min(exact, approximate), 0),
      curvatureError: Math.max(curvatureError, 0)
    }
  }
}

/** Where to look next in an interval, not too near to an end. NaN, where a curve has no such point, is near to none. */
const between = (low: End, high: End, third: Interval['third']): number => {
  const least = Math.min(low.rate, high.rate)
  const most = Math.max(low.rate, high.rate)
  const isWithin = (rate: number, share: number): boolean => {
    const margin = share * (most - least)
    return rate > least + margin && rate < most - margin
  }
  const cubic = leastOfCubic(low, high, third)
  if (isWithin(cubic, 0.2)) return cubic
  const parabolic = leastOfParabola(low, high)
  return isWithin(parabolic, 0.1) ? parabolic : (low.rate + high.rate) / 2
}

/** Where the cubic through three points, with the slope of the first, is least. */
const leastOfCubic = (a: End, b: Pick<End, 'rate' | 'value'>, c: Pick<End, 'rate' | 'value'>): number => {
  const toB = b.rate - a.rate
  const toC = c.rate - a.rate
  const excessB = b.value - a.value - a.slope * toB
  const excessC = c.value - a.value - a.slope * toC
  const squares = toB * toC * (toB * toC)
  const divisor = squares * (toB - toC)
  const cube = (toC * toC * excessB - toB * toB * excessC) / divisor
  const square = (-(toC * toC * toC) * excessB + toB * toB * toB * excessC) / divisor
  return a.rate + (-square + Math.sqrt(square * square - 3 * cube * a.slope)) / (3 * cube)
}

/** Where the parabola through two points, with the slope of the first, is least. */
const leastOfParabola = (a: End, b: Pick<End, 'rate' | 'value'>): number => {
  const toB = b.rate - a.rate
  const square = (b.value - a.value - a.slope * toB) / (toB * toB)
  return a.rate - a.slope / (2 * square)
}
