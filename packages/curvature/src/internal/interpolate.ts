/** A function of a number where it is known. */
export interface Sample {
  readonly rate: number
  readonly value: number
  readonly slope: number
}

/** Where the cubic through two samples has its minimum; NaN where it has none. */
export const cubicMinimum = (a: Sample, b: Sample): number => {
  const width = b.rate - a.rate
  const mean = (3 * (a.value - b.value)) / width + a.slope + b.slope
  const scale = Math.max(Math.abs(mean), Math.abs(a.slope), Math.abs(b.slope))
  if (scale === 0) return Number.NaN
  const inner = (mean / scale) * (mean / scale) - (a.slope / scale) * (b.slope / scale)
  if (!(inner >= 0)) return Number.NaN
  const root = (width < 0 ? -scale : scale) * Math.sqrt(inner)
  return a.rate + (width * (root - a.slope + mean)) / (2 * root - a.slope + b.slope)
}

/** Where the parabola through a sample and the value of another has its minimum. */
export const parabolaMinimum = (a: Sample, b: Sample): number => {
  const width = b.rate - a.rate
  return a.rate + (a.slope * width) / (2 * ((a.value - b.value) / width + a.slope))
}

/** Where the line through the slopes of two samples is 0. */
export const secantZero = (a: Sample, b: Sample): number => b.rate - (b.slope * (b.rate - a.rate)) / (b.slope - a.slope)
