import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** Pixels of an image: 8 × 8, row by row. */
export const PIXELS = 64
/** The digits 0 to 9. */
export const CLASSES = 10

const INK = 16

/** One handwritten digit. */
export interface Digit {
  /** 64 pixels, row by row, from 0 (paper) to 1 (ink). */
  readonly pixels: readonly number[]
  /** The digit that was meant, 0 to 9. */
  readonly label: number
}

/**
 * Reads the lines of the data file: 64 pixels from 0 to 16, then the label, all whole numbers.
 *
 * @example
 * parseDigits(`${'0,'.repeat(63)}16,7\n`)[0]?.label // => 7
 *
 * @throws Error naming the line that is not of this form, or saying that there is none.
 */
export const parseDigits = (csv: string): readonly Digit[] => {
  const lines = csv.trimEnd().split(/\r?\n/)
  if (csv.trim() === '') throw new Error('digits.csv: the file is empty')
  return lines.map((line, index) => {
    const place = `digits.csv: line ${index + 1}`
    const fields = line.split(',')
    if (fields.length !== PIXELS + 1) {
      throw new Error(`${place} must have ${PIXELS + 1} fields (64 pixels and a label), got ${fields.length}`)
    }
    const numbers = fields.map((field, column) => {
      const limit = column < PIXELS ? INK : CLASSES - 1
      if (!/^\d{1,2}$/.test(field) || Number(field) > limit) {
        const what = column < PIXELS ? `pixel ${column + 1}` : 'the label'
        throw new Error(`${place}: ${what} must be a whole number from 0 to ${limit}, got ${JSON.stringify(field)}`)
      }
      return Number(field)
    })
    return { pixels: numbers.slice(0, PIXELS).map((ink) => ink / INK), label: numbers[PIXELS] as number }
  })
}

/** The digits that come with this example, in the order of the file; see `data/README.md` for their origin. */
export const loadDigits = (): readonly Digit[] =>
  parseDigits(gunzipSync(readFileSync(new URL('../data/digits.csv.gz', import.meta.url))).toString('utf8'))
