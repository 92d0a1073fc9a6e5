import { finite, InvalidOption, show } from '@gradchain/core'
import { joined } from '@gradchain/core/bytes'
import { double, doubles, type Field, float, integer, message, text } from '../internal/protobuf.js'
import { aStep, aTag } from '../internal/requirements.js'
import { summaryMetadata, summaryValue, tensorBoardEvent } from '../internal/tensorBoardEvent.js'

/** When something was logged, and under which name. */
export interface LogPlace {
  /** The name of the series; a slash makes groups: `norm/layer 1`. */
  readonly tag: string
  /** The step, a whole number or a bigint of 64 bits. */
  readonly step: number | bigint
  /** The time, in seconds since 1970. */
  readonly wallTime: number
}

/** A number, which is kept in float32; it may be NaN or infinite. */
export interface ScalarEntry extends LogPlace {
  readonly kind: 'scalar'
  readonly value: number
}

/** How numbers are distributed. */
export interface HistogramEntry extends LogPlace {
  readonly kind: 'histogram'
  readonly values: ArrayLike<number>
}

/** Counts that were made before, as `histogramOf` makes them: one more than there are edges. */
export interface BinsEntry extends LogPlace {
  readonly kind: 'bins'
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

/** A text, shown as Markdown. */
export interface TextEntry extends LogPlace {
  readonly kind: 'text'
  readonly text: string
}

/** What {@link tensorBoardEvents} writes. */
export type LogEntry = ScalarEntry | HistogramEntry | BinsEntry | TextEntry

/**
 * Entries as bytes of an event file of TensorBoard, to be written behind {@link tensorBoardHeader} or behind entries before.
 *
 * A histogram has 30 bins of one width from the smallest number to the largest. Numbers that are not finite are in none of them: how many they
 * are is a scalar of its own, under the tag with `/notFinite` behind it. Of counts that were made before, those below the first edge and from the last on are
 * shown right at these edges.
 *
 * TensorBoard shows what is in a file as it stands there: a step that comes twice is there twice, and without `resumeAt` in the header a run
 * that goes on from an earlier step has a curve that doubles back. Its reader keeps 10 000 scalars of a tag, drawn at random where there are
 * more, ten texts and one histogram, unless it is asked for more (`--samples_per_plugin`).
 *
 * Laws: the bytes of a list are those of its entries, one after the other.
 *
 * @example
 * const at = { step: 3, wallTime: 1700000000 }
 * const bytes = tensorBoardEvents([
 *   { kind: 'scalar', tag: 'loss', value: 0.5, ...at },
 *   { kind: 'bins', tag: 'gradients', edges: [0, 1], counts: [2, 5, 1], ...at },
 *   { kind: 'text', tag: 'notes', text: '*warm*', ...at }
 * ])
 * bytes.length // => 249
 *
 * @throws InvalidOption for an entry that is malformed, by its place.
 * @see scalarsOf, which makes tags and values of measurements; {@link toJsonLines}, which people and other tools can read
 */
export const tensorBoardEvents = (entries: readonly LogEntry[]): Uint8Array => {
  if (!Array.isArray(entries)) {
    throw new InvalidOption(`tensorBoardEvents: entries must be a list, got ${show(entries)}`)
  }
  return joined(entries.flatMap((entry: LogEntry, i) => eventsOf(entry, `tensorBoardEvents: entries[${i}]`)))
}

const eventsOf = (entry: LogEntry, owner: string): readonly Uint8Array[] => {
  if (typeof entry !== 'object' || entry === null)
    throw new InvalidOption(`${owner} must be an entry, got ${show(entry)}`)
  const { tag, step, wallTime } = entry
  const at = (name: string): string => `${owner}.${name}`
  demand(at('tag'), tag, aTag)
  demand(at('step'), step, aStep)
  demand(at('wallTime'), wallTime, finite)
  const event = (value: Field): Uint8Array => tensorBoardEvent(wallTime, step, value)
  switch (entry.kind) {
    case 'scalar':
      demand(at('value'), entry.value, aNumeral)
      return [event(summaryValue(tag, float(2, entry.value)))]
    case 'histogram': {
      demand(at('values'), entry.values, someNumbers)
      const values = Array.from(entry.values)
      const known = values.filter((x) => Number.isFinite(x))
      const lost = values.length - known.length
      const count = event(summaryValue(`${tag}/notFinite`, float(2, lost)))
      return [event(summaryValue(tag, histogram(known))), ...(lost === 0 ? [] : [count])]
    }
    case 'bins': {
      const { edges, counts } = entry
      demand(at('edges'), edges, ascending)
      demand(at('counts'), counts, countsOf(edges.length + 1))
      return [event(summaryValue(tag, bins(edges, counts)))]
    }
    case 'text':
      demand(at('text'), entry.text, aText)
      return [event(summaryValue(tag, textTensor(entry.text), summaryMetadata('text')))]
    default:
      throw new InvalidOption(
        `${at('kind')} must be one of "scalar", "histogram", "bins", "text", got ${show((entry as LogEntry).kind)}`
      )
  }
}

const BINS = 30

const histogram = (values: readonly number[]): Field => {
  const [least, most] = values.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity])
  if (values.length === 0) return histo(0, 0, 0, 0, 0, [0], [0])
  // Halves, as the difference of the ends may be infinite.
  const width = most / 2 - least / 2
  const limits =
    width === 0
      ? [most]
      : Array.from({ length: BINS }, (_, i) => (i === BINS - 1 ? most : least + 2 * width * ((i + 1) / BINS)))
  const counts = limits.map(() => 0)
  for (const x of values) {
    const place = width === 0 ? 0 : Math.min(BINS - 1, Math.floor(((x / 2 - least / 2) / width) * BINS))
    counts[place] = (counts[place] as number) + 1
  }
  const sum = values.reduce((total, x) => total + x, 0)
  const squares = values.reduce((total, x) => total + x * x, 0)
  return histo(least, most, values.length, sum, squares, limits, counts)
}

const bins = (edges: readonly number[], counts: readonly number[]): Field => {
  const [least, most] = [edges[0] as number, edges.at(-1) as number]
  const total = counts.reduce((sum, n) => sum + n, 0)
  // What stands for a bin is its middle; where it has no end, the other one.
  const middles = counts.map((_, i) => ((edges[i - 1] ?? least) + (edges[i] ?? most)) / 2)
  const sumOf = (f: (x: number) => number): number => counts.reduce((sum, n, i) => sum + n * f(middles[i] as number), 0)
  return histo(
    least,
    most,
    total,
    sumOf((x) => x),
    sumOf((x) => x * x),
    [...edges, most],
    counts
  )
}

const histo = (
  least: number,
  most: number,
  count: number,
  sum: number,
  squares: number,
  limits: readonly number[],
  counts: readonly number[]
): Field =>
  message(
    5,
    double(1, least),
    double(2, most),
    double(3, count),
    double(4, sum),
    double(5, squares),
    doubles(6, limits),
    doubles(7, counts)
  )

/** A tensor of one text. */
const textTensor = (content: string): Field =>
  message(8, integer(1, STRING), message(2, message(2, integer(1, 1))), text(8, content))

const STRING = 7

interface Demand {
  readonly what: string
  readonly holds: (value: unknown) => boolean
}

const demand = (place: string, value: unknown, { what, holds }: Demand): void => {
  if (!holds(value)) throw new InvalidOption(`${place} must be ${what}, got ${show(value)}`)
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

const aNumeral: Demand = { what: 'a number', holds: isNumber }

const aText: Demand = { what: 'a text', holds: (value) => typeof value === 'string' }

const someNumbers: Demand = {
  what: 'a list or an array of numbers',
  holds: (value) =>
    (Array.isArray(value) && value.every(isNumber)) ||
    (ArrayBuffer.isView(value) && isNumber((value as Float32Array).at(0) ?? 0))
}

const ascending: Demand = {
  what: 'a list of finite numbers, one or more, each above the one before',
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((x, i) => Number.isFinite(x) && (i === 0 || x > value[i - 1]))
}

const countsOf = (length: number): Demand => ({
  what: `a list of ${length} numbers ≥ 0`,
  holds: (value) => Array.isArray(value) && value.length === length && value.every((n) => isNumber(n) && n >= 0)
})
