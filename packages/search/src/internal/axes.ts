// A space as a list of axes, and its configurations as points of the unit cube.
import { InvalidOption, type Key, random, show } from '@gradchain/core'
import { exp, log } from '@gradchain/core/numbers'
import type { Choice, Dimension, Fields, Space, Variants } from '../spaces/types.js'

/** One hyperparameter of a space. */
export interface Axis {
  readonly path: readonly string[]
  readonly dimension: Dimension
  /** The axis and its value that must be chosen for this one to be there; `null` where it always is. */
  readonly when: { readonly axis: number; readonly value: number } | null
}

/** A configuration as numbers from 0 to 1, one for each axis; `null` where the axis is not there. */
export type Point = readonly (number | null)[]

const KINDS: readonly unknown[] = ['uniform', 'logUniform', 'integer', 'choice', 'variants']

const nameOf = (path: readonly string[]): string => (path.length === 0 ? 'the space' : path.join('.'))

/** What a hyperparameter lacks that was not made by its function, such as one out of a file; `null` for nothing. */
const flawOf = (dimension: Dimension): string | null => {
  if (dimension.kind === 'choice') {
    return Array.isArray(dimension.values) && dimension.values.length > 0
      ? null
      : `a list of values, got ${show(dimension.values)}`
  }
  const { kind, low, high } = dimension
  const isWhole = kind !== 'integer' || (Number.isSafeInteger(low) && Number.isSafeInteger(high))
  const isRange = Number.isFinite(low) && Number.isFinite(high) && (low < high || (kind === 'integer' && low === high))
  const got = `got ${show(low)} and ${show(high)}`
  if (!isWhole || !isRange) return `${kind === 'integer' ? 'whole' : 'finite'} ends in their order, ${got}`
  const isLog = kind === 'logUniform' || (kind === 'integer' && dimension.log)
  return isLog && !(low > 0) ? `ends above 0, ${got}` : null
}

/** The axes of a space, those that others depend on before them. */
export const axesOf = (owner: string, space: Space<unknown>): readonly Axis[] => {
  const axes: Axis[] = []
  const visit = (fields: unknown, path: readonly string[], when: Axis['when']): void => {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      const what = 'a hyperparameter such as uniform(0, 1), or an object of them'
      throw new InvalidOption(`${owner}: ${nameOf(path)} must be ${what}, got ${show(fields)}`)
    }
    const { kind } = fields as { readonly kind?: unknown }
    if (!KINDS.includes(kind)) {
      for (const name of Object.keys(fields)) visit((fields as Fields)[name], [...path, name], when)
    } else if (kind === 'variants') {
      const { tag, cases } = fields as Variants
      const axis = axes.length
      axes.push({ path: [...path, tag], dimension: { kind: 'choice', values: Object.keys(cases) }, when })
      Object.keys(cases).forEach((name, value) => visit(cases[name], path, { axis, value }))
    } else {
      const flaw = flawOf(fields as Dimension)
      if (flaw !== null) throw new InvalidOption(`${owner}: ${nameOf(path)} must have ${flaw}`)
      axes.push({ path, dimension: fields as Dimension, when })
    }
  }
  const { fields } = (space ?? {}) as Partial<Space<unknown>>
  if (fields === undefined) throw new InvalidOption(`${owner}: the space must be made by space, got ${show(space)}`)
  visit(fields, [], null)
  if (axes.length === 0) throw new InvalidOption(`${owner}: the space must have a hyperparameter, got none`)
  return axes
}

/** How many values an axis has; infinitely many where they are not counted. */
export const sizeOf = (dimension: Dimension): number =>
  dimension.kind === 'choice'
    ? dimension.values.length
    : dimension.kind === 'integer'
      ? dimension.high - dimension.low + 1
      : Infinity

/** The ends of the logarithm of an axis. */
const logEnds = ({ kind, low, high }: Exclude<Dimension, Choice>): readonly [number, number] =>
  kind === 'integer' ? [log(low - 0.5), log(high + 0.5)] : [log(low), log(high)]

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** The value of an axis at a place from 0 to 1. */
export const valueAt = (dimension: Dimension, u: number): unknown => {
  if (dimension.kind === 'choice') {
    const { values } = dimension
    return values[clamp(Math.floor(u * values.length), 0, values.length - 1)]
  }
  const { kind, low, high } = dimension
  if (u <= 0) return low
  if (u >= 1) return high
  if (kind === 'uniform') return clamp(low + u * (high - low), low, high)
  if (kind === 'integer' && !dimension.log) return clamp(low + Math.floor(u * (high - low + 1)), low, high)
  const [from, to] = logEnds(dimension)
  const x = exp(from + u * (to - from))
  return clamp(kind === 'integer' ? Math.round(x) : x, low, high)
}

/** The place of a value of an axis: of whole numbers and choices the middle of what they have; `null` for no such value. */
export const placeOf = (dimension: Dimension, value: unknown): number | null => {
  if (dimension.kind === 'choice') {
    const index = (dimension.values as readonly unknown[]).indexOf(value)
    return index < 0 ? null : (index + 0.5) / dimension.values.length
  }
  const { kind, low, high } = dimension
  if (typeof value !== 'number' || !(value >= low && value <= high)) return null
  if (kind === 'uniform') return (value - low) / (high - low)
  if (kind === 'integer' && !Number.isInteger(value)) return null
  if (kind === 'integer' && !dimension.log) return (value - low + 0.5) / (high - low + 1)
  const [from, to] = logEnds(dimension)
  // Ends so close that their logarithms are the same.
  return from === to ? 0.5 : (log(value) - from) / (to - from)
}

/** The piece of the unit interval that means the same value as a place; of length 0 where every place has a value of its own. */
export const pieceAt = (dimension: Dimension, u: number): readonly [from: number, to: number] => {
  const size = sizeOf(dimension)
  if (size === Infinity) return [u, u]
  if (dimension.kind === 'integer' && dimension.log) {
    const k = valueAt(dimension, u) as number
    const [from, to] = logEnds(dimension)
    return [(log(k - 0.5) - from) / (to - from), (log(k + 0.5) - from) / (to - from)]
  }
  const index = clamp(Math.floor(u * size), 0, size - 1)
  return [index / size, (index + 1) / size]
}

/** Which value of a choice a place is. */
export const indexAt = (u: number, size: number): number => clamp(Math.floor(u * size), 0, size - 1)

/** Whether an axis is there, with what the axes before it are. */
export const isThere = ({ when }: Axis, axes: readonly Axis[], point: Point): boolean => {
  if (when === null) return true
  const u = point[when.axis]
  const { dimension } = axes[when.axis] as Axis
  return u !== null && u !== undefined && indexAt(u, sizeOf(dimension)) === when.value
}

/** The point with the places of the axes that are not there left out, and the others in the middle of what they mean. */
export const pointAt = (axes: readonly Axis[], places: readonly (number | null)[]): Point => {
  const point: (number | null)[] = []
  axes.forEach((axis, i) => {
    const u = places[i] ?? 0.5
    point.push(isThere(axis, axes, point) ? (placeOf(axis.dimension, valueAt(axis.dimension, u)) as number) : null)
  })
  return point
}

/** The configuration at a point. */
export const configAt = (axes: readonly Axis[], places: readonly (number | null)[]): unknown => {
  let config: unknown = {}
  const point = pointAt(axes, places)
  axes.forEach(({ path, dimension }, i) => {
    if (point[i] !== null) config = placed(config, path, valueAt(dimension, places[i] ?? 0.5))
  })
  return config
}

/** The object with a value at a path. */
const placed = (into: unknown, path: readonly string[], value: unknown): unknown => {
  const [name, ...rest] = path
  if (name === undefined) return value
  const object = (into ?? {}) as Readonly<Record<string, unknown>>
  return { ...object, [name]: placed(object[name], rest, value) }
}

const at = (config: unknown, path: readonly string[]): unknown => {
  let value = config
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  return value
}

const wordsOf = (dimension: Dimension): string => {
  if (dimension.kind === 'choice') return `one of ${dimension.values.map(show).join(', ')}`
  const { kind, low, high } = dimension
  return `${kind === 'integer' ? 'a whole number' : 'a number'} from ${low} to ${high}`
}

/** The point of a configuration; what is none of the space is refused with its path. */
export const pointOf = (owner: string, axes: readonly Axis[], config: unknown): Point => {
  const point: (number | null)[] = []
  for (const axis of axes) {
    if (!isThere(axis, axes, point)) {
      point.push(null)
      continue
    }
    const value = at(config, axis.path)
    const place = placeOf(axis.dimension, value)
    if (place === null) {
      const name = ['candidate', ...axis.path].join('.')
      throw new InvalidOption(`${owner}: ${name} must be ${wordsOf(axis.dimension)}, got ${show(value)}`)
    }
    point.push(place)
  }
  return point
}

/** Whether two points are the same. */
export const isSamePoint = (a: Point, b: Point): boolean => a.every((u, i) => u === b[i])

/** Uniform numbers from 0 to 1. */
export const unitNumbers = (key: Key, count: number): Float64Array =>
  random.uniform(key, [count], { dtype: 'float64' }).data

/** Places drawn uniformly, one for each axis. */
export const drawnPlaces = (axes: readonly Axis[], key: Key): readonly number[] => [...unitNumbers(key, axes.length)]
