import { markdownTable } from 'markdown-table'

/** A Markdown table; the first column is text, the others are numbers and stand to the right. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  markdownTable([[...head], ...rows.map((row) => [...row])], { align: ['l', ...head.slice(1).map(() => 'r')] })

/**
 * A number with so many significant digits, without an exponent.
 *
 * @example
 * digits(0.123456) // => '0.123'
 * digits(1234.5) // => '1235'
 * digits(NaN) // => '–'
 */
export const digits = (value: number, significant = 3): string => {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  return value.toFixed(Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value)))))
}

/** Bytes in MiB. */
export const mebibytes = (bytes: number): string => digits(bytes / 2 ** 20)
