import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Digit, parseDigits } from '../../digits/src/data.js'

/** The digits that come with the example of that name. */
export const digits = (): readonly Digit[] =>
  parseDigits(gunzipSync(readFileSync(new URL('../../digits/data/digits.csv.gz', import.meta.url))).toString('utf8'))
