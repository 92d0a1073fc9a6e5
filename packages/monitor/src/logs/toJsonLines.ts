import { InvalidOption, show } from '@gradchain/core'

/** A row of a log: what was seen, by name. */
export type LogRow = Readonly<Record<string, number | bigint | string | boolean | null | undefined>>

/**
 * Rows as JSON, one in each line: a log that can grow, and that everything can read.
 *
 * JSON has no NaN and no infinity: they are texts, `"NaN"`, `"Infinity"`, `"-Infinity"`, and so are bigints. What is `undefined` is left out.
 *
 * Laws: the lines of a list are those of its rows, one after the other.
 *
 * @example
 * toJsonLines([{ step: 1, loss: 0.5 }, { step: 2, loss: NaN }])
 * // => '{"step":1,"loss":0.5}\n{"step":2,"loss":"NaN"}\n'
 *
 * @throws InvalidOption for a value that is none of these, by its row and name.
 * @see toCsv, scalarsOf
 */
export const toJsonLines = (rows: readonly LogRow[]): string =>
  rows
    .map((row, i) => {
      const entries = Object.entries(row).filter(([, value]) => value !== undefined)
      return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(value, `rows[${i}].${name}`)}`).join()}}\n`
    })
    .join('')

const jsonOf = (value: unknown, place: string): string => {
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return '-0'
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return JSON.stringify(value)
  throw new InvalidOption(`toJsonLines: ${place} must be a number, a text, a flag or null, got ${show(value)}`)
}
