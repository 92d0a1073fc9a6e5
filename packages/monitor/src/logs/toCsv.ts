import { boolean, check, InvalidOption, show, withDefaults } from '@gradchain/core'
import type { LogRow } from './toJsonLines.js'

/** Options of {@link toCsv}. */
export interface ToCsvOptions {
  /** The columns, in order. @defaultValue all names in the rows, in the order in which they first come */
  readonly columns?: readonly string[] | undefined
  /** Whether the first line has the names of the columns. @defaultValue `true` */
  readonly header?: boolean | undefined
}

/**
 * Rows as a table of comma-separated values, for spreadsheets and data frames.
 *
 * A number is written so that it is read back to the bit. What is missing, `undefined` or `null`, is an empty field; a text with a comma, a quote or
 * the end of a line in it stands in quotes, and so does an empty one.
 *
 * For a file that grows give the columns, and the header once.
 *
 * Laws: with columns given and no header, the lines of a list are those of its rows, one after the other.
 *
 * @example
 * toCsv([{ step: 1, loss: 0.5 }, { step: 2, note: 'a "spike"' }])
 * // => 'step,loss,note\n1,0.5,\n2,,"a ""spike"""\n'
 *
 * @throws InvalidOption for a column twice, and for a value that is no number, text or flag, by its row and name.
 * @see toJsonLines, scalarsOf
 * @see RFC 4180, {@link https://www.rfc-editor.org/rfc/rfc4180}, but for the ends of lines, which are those of Unix
 */
export const toCsv = (rows: readonly LogRow[], options: ToCsvOptions = {}): string => {
  const { columns, header } = withDefaults<Required<ToCsvOptions>>('toCsv', options, {
    columns: undefined,
    header: true
  })
  check('toCsv', { header }, boolean)
  const names = columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new InvalidOption(`toCsv: columns must be different, got ${show(twice)} twice`)
  const lines = rows.map((row, i) =>
    names.map((name) => fieldOf(Object.hasOwn(row, name) ? row[name] : undefined, `rows[${i}].${name}`)).join()
  )
  return [...(header ? [names.map(quoted).join()] : []), ...lines].map((line) => `${line}\n`).join('')
}

const fieldOf = (value: unknown, place: string): string => {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return quoted(value)
  if (Object.is(value, -0)) return '-0'
  if (['number', 'bigint', 'boolean'].includes(typeof value)) return String(value)
  throw new InvalidOption(`toCsv: ${place} must be a number, a text, a flag or null, got ${show(value)}`)
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
