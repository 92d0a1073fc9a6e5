import { addScaled, dotOf, times } from './vectors.js'

/** A step that conjugate gradients came by. */
export interface CgIterate {
  readonly d: Float64Array
  /** ⟨g, d⟩ + ½ ⟨d, A d⟩ */
  readonly value: number
}

/** What conjugate gradients found. */
export interface CgResult {
  /** The step that they ended with. */
  readonly last: CgIterate
  /** Steps on the way there, ever farther apart. */
  readonly earlier: readonly CgIterate[]
  /** How many products with A there were beyond that of the start. */
  readonly iterations: number
  /** Whether it met a direction along which A does not curve upwards, and ended there. */
  readonly isIndefinite: boolean
}

/** When conjugate gradients end. */
export interface CgOptions {
  readonly maxIterations: number
  /** The least share of the value that an iteration must bring, on the mean over the last tenth of them. */
  readonly tolerance: number
}

/** The factor between the numbers of iterations after which steps are kept. */
const APART = 1.3
/** Beyond that share of the gradient residuals are rounding. */
const LEAST = 1e-14

/**
 * Minimizes ⟨g, d⟩ + ½ ⟨d, A d⟩ by conjugate gradients, from a start if that is better than 0, until there is no progress any more.
 */
export const truncatedCg = (
  product: (v: Float64Array) => Float64Array,
  g: Float64Array,
  start: Float64Array | null,
  { maxIterations, tolerance }: CgOptions
): CgResult => {
  const b = times(-1, g)
  let { d, r } = startOf(product, b, start)
  const valueNow = (): number => -0.5 * (dotOf(d, r) + dotOf(d, b))
  let p = r
  let size = dotOf(r, r)
  const enough = LEAST * LEAST * dotOf(b, b)
  const values = [valueNow()]
  const iterates: CgIterate[] = []
  let next = 1
  let isIndefinite = false
  let i = 0
  while (i < maxIterations && size > enough) {
    const image = product(p)
    const curvature = dotOf(p, image)
    if (!(curvature > 0)) {
      isIndefinite = true
      // The first direction leads down at least: as far as it would if A curved as much the other way.
      if (i === 0) d = addScaled(d, curvature < 0 ? size / -curvature : 1, p)
      break
    }
    const rate = size / curvature
    d = addScaled(d, rate, p)
    r = addScaled(r, -rate, image)
    const after = dotOf(r, r)
    p = addScaled(r, after / size, p)
    size = after
    i += 1
    const value = valueNow()
    values.push(value)
    if (i >= next) {
      iterates.push({ d, value })
      next = Math.ceil(next * APART)
    }
    const back = Math.max(10, Math.floor(i / 10))
    if (i > back && value < 0 && value - (values[i - back] as number) > back * tolerance * value) break
  }
  const last = { d, value: values[i] as number }
  const earlier = iterates.at(-1)?.d === d ? iterates.slice(0, -1) : iterates
  return { last, earlier, iterations: i, isIndefinite }
}

const startOf = (
  product: (v: Float64Array) => Float64Array,
  b: Float64Array,
  start: Float64Array | null
): { readonly d: Float64Array; readonly r: Float64Array } => {
  const nothing = { d: new Float64Array(b.length), r: b }
  if (start === null || dotOf(start, start) === 0) return nothing
  const image = product(start)
  const value = 0.5 * dotOf(start, image) - dotOf(b, start)
  return value < 0 ? { d: start, r: addScaled(b, -1, image) } : nothing
}
