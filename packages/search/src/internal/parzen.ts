// The estimator of tree-structured Parzen: a mixture of one kernel for each trial and one for all values alike.
import { type Key, random } from '@gradchain/core'
import { exp, log } from '@gradchain/core/numbers'
import { type Axis, indexAt, type Point, pieceAt, sizeOf, unitNumbers } from './axes.js'
import { normalCdf } from './normal.js'
import { lexical } from './ranked.js'

/** How many of n trials count as good: a tenth, but at most 25. */
export const goodCount = (n: number, share = 0.1): number => Math.min(Math.ceil(share * n), 25)

const FULL = 25

/** The weights of n trials, the oldest first: the last 25 count in full, those before them ever less. */
export const weightsOf = (n: number): readonly number[] => {
  if (n <= FULL) return Array.from({ length: n }, () => 1)
  const ramp = n - FULL
  const slope = ramp === 1 ? 0 : (1 - 1 / n) / (ramp - 1)
  return Array.from({ length: n }, (_, i) => (i < ramp ? 1 / n + i * slope : 1))
}

/**
 * The widths of the kernels of some places: the larger distance to a neighbour, but neither too small for how many there are nor
 * larger than all. `kernels` is how many kernels there are, that of the prior included.
 */
export const widthsOf = (places: readonly number[], kernels = places.length + 1): readonly number[] => {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] as number) - (places[b] as number))
  const least = 1 / Math.min(100, kernels + 1)
  const widths = places.map(() => 1)
  order.forEach((i, rank) => {
    const here = places[i] as number
    // The ends are neighbours of a single place alone.
    const alone = places.length === 1
    const below = order[rank - 1] === undefined ? (alone ? 0 : here) : (places[order[rank - 1] as number] as number)
    const above = order[rank + 1] === undefined ? (alone ? 1 : here) : (places[order[rank + 1] as number] as number)
    widths[i] = Math.min(1, Math.max(least, here - below, above - here))
  })
  return widths
}

/** The probabilities that the kernel of a trial gives k values, if it has value `index`; `n` trials are known. */
export const categoricalRow = (index: number, k: number, n: number): readonly number[] => {
  const prior = 1 / (n + 1)
  return Array.from({ length: k }, (_, i) => ((i === index ? 1 : 0) + prior) / (1 + k * prior))
}

/** A mixture over some axes; the last kernel is the prior. */
interface Mixture {
  readonly axes: readonly Axis[]
  readonly weights: readonly number[]
  /** By axis: the kernel of each trial. */
  readonly kernels: readonly (readonly Kernel[])[]
}

/** A normal distribution that is cut off at 0 and 1, with the probability that it had between these; or probabilities by value. */
type Kernel =
  | { readonly center: number; readonly width: number; readonly inside: number; readonly logScale: number }
  | { readonly row: readonly number[]; readonly logs: readonly number[] }

const HALF_LOG_TAU = 0.9189385332046727

const normalKernel = (center: number, width: number): Kernel => {
  const inside = normalCdf((1 - center) / width) - normalCdf(-center / width)
  return { center, width, inside, logScale: -HALF_LOG_TAU - log(width * inside) }
}

const rowKernel = (row: readonly number[]): Kernel => ({ row, logs: row.map(log) })

/** The mixture of some trials, the oldest first. */
export const mixtureOf = (axes: readonly Axis[], trials: readonly Point[]): Mixture => {
  const n = trials.length
  // In an order that the one in which they were told says nothing about, but for their weights.
  const byAge = weightsOf(n)
  const order = trials.map((_, i) => i).sort((i, j) => lexical(placesOf(trials[i]), placesOf(trials[j])))
  const points = order.map((i) => trials[i] as Point)
  const kernels = axes.map(({ dimension }, axis): readonly Kernel[] => {
    const places = points.map((point) => point[axis] ?? null)
    if (dimension.kind === 'choice') {
      const k = dimension.values.length
      const prior = rowKernel(Array.from({ length: k }, () => 1 / k))
      const own = places.map((u) => (u === null ? prior : rowKernel(categoricalRow(indexAt(u, k), k, n))))
      return [...own, prior]
    }
    const prior = normalKernel(0.5, 1)
    const known = places.filter((u) => u !== null)
    const widths = widthsOf(known, n + 1)
    let used = 0
    return [...places.map((u) => (u === null ? prior : normalKernel(u, widths[used++] as number))), prior]
  })
  return { axes, weights: [...order.map((i) => byAge[i] as number), 1], kernels }
}

/** The places of a point, those that are not there before all others. */
const placesOf = (point: Point = []): readonly number[] => point.map((u) => u ?? -1)

/** How many normal numbers are drawn at once, and how often: of each a third or more lie inside. */
const LOT = 8
const LOTS = 8

/** Places drawn from one kernel of the mixture for all axes. */
export const drawn = (mixture: Mixture, key: Key): readonly number[] => {
  const [first, second, third] = random.split(key, 3) as [Key, Key, Key]
  const chosenKernel = chosen(mixture.weights, unitNumbers(first, 1)[0] as number)
  const uniforms = unitNumbers(second, mixture.axes.length)
  return mixture.kernels.map((kernels, axis) => {
    const kernel = kernels[chosenKernel] as Kernel
    if ('row' in kernel) return (chosen(kernel.row, uniforms[axis] as number) + 0.5) / kernel.row.length
    for (let lot = 0; lot < LOTS; lot++) {
      const own = random.foldIn(third, axis * LOTS + lot)
      for (const z of random.normal(own, [LOT], { dtype: 'float64' }).data) {
        const x = kernel.center + kernel.width * z
        if (x >= 0 && x <= 1) return x
      }
    }
    return kernel.center
  })
}

/** The index whose share of the weights a number from 0 to 1 falls into. */
const chosen = (weights: readonly number[], u: number): number => {
  let left = u * weights.reduce((sum, weight) => sum + weight, 0)
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number
    if (left < 0) return i
  }
  return weights.length - 1
}

/** The logarithm of the density of a mixture at a point. */
export const logDensity = ({ axes, weights, kernels }: Mixture, point: Point): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const logs = weights.map((weight, kernel) => {
    let sum = log(weight / total)
    axes.forEach(({ dimension }, axis) => {
      const u = point[axis] ?? null
      if (u !== null) sum += logKernel(kernels[axis]?.[kernel] as Kernel, dimension, u)
    })
    return sum
  })
  const largest = Math.max(...logs)
  return largest + log(logs.reduce((sum, one) => sum + exp(one - largest), 0))
}

const logKernel = (kernel: Kernel, dimension: Axis['dimension'], u: number): number => {
  if ('row' in kernel) return kernel.logs[indexAt(u, kernel.row.length)] as number
  const { center, width, inside, logScale } = kernel
  if (sizeOf(dimension) === Infinity) {
    const z = (u - center) / width
    return logScale - 0.5 * z * z
  }
  const [from, to] = pieceAt(dimension, u)
  const mass = normalCdf((to - center) / width) - normalCdf((from - center) / width)
  // What lies too far out for the difference to be told from 0.
  return log(Math.max(mass, 1e-300) / inside)
}
