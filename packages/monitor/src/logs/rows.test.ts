import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCsv } from './toCsv.js'
import { toJsonLines } from './toJsonLines.js'

const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null))
const rows = fc.array(fc.dictionary(fc.string({ minLength: 1 }), value))

describe('toJsonLines', () => {
  test('each line is the JSON of its row, numbers to the bit', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const lines = toJsonLines(given).split('\n')
        expect(lines.pop()).toBe('')
        const wanted = given.map((row) =>
          Object.entries(row).map(([name, x]) => [name, typeof x === 'number' && !Number.isFinite(x) ? String(x) : x])
        )
        expect(lines.map((line) => Object.entries(JSON.parse(line)))).toStrictEqual(wanted)
      })
    )
  })

  test('bigints are texts, undefined is left out', () => {
    expect(toJsonLines([{ a: 2n ** 60n, b: undefined, c: -0 }])).toBe('{"a":"1152921504606846976","c":-0}\n')
    expect(() => toJsonLines([{}, { a: [1] as never }])).toThrow(
      'toJsonLines: rows[1].a must be a number, a text, a flag or null, got [1]'
    )
  })
})

/** Reads what RFC 4180 says, written apart. */
const fieldsOf = (csv: string): string[][] => {
  const table: string[][] = []
  let [row, field, isQuoted]: [string[], string, boolean] = [[], '', false]
  for (let i = 0; i < csv.length; i++) {
    const c = csv[i] as string
    if (isQuoted && c === '"' && csv[i + 1] === '"') {
      field += '"'
      i++
    } else if (c === '"') isQuoted = !isQuoted
    else if (!isQuoted && (c === ',' || c === '\n')) {
      row.push(field)
      field = ''
      if (c === '\n') {
        table.push(row)
        row = []
      }
    } else field += c
  }
  return table
}

describe('toCsv', () => {
  test('is read back field by field', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const names = [...new Set(given.flatMap(Object.keys))]
        const text = (x: unknown): string => (x === undefined || x === null ? '' : Object.is(x, -0) ? '-0' : String(x))
        const wanted = given.map((row) => names.map((name) => text(Object.hasOwn(row, name) ? row[name] : null)))
        // Without columns there are empty lines, of one empty field each.
        expect(fieldsOf(toCsv(given))).toStrictEqual(
          names.length === 0 ? [[''], ...given.map(() => [''])] : [names, ...wanted]
        )
      })
    )
  })

  test('with columns and no header the lines are those of the rows', () => {
    const options = { columns: ['b', 'a'], header: false }
    expect(toCsv([{ a: 1 }, { b: 2n, c: 9 }], options)).toBe(',1\n2,\n')
    expect(toCsv([{ a: 1 }], options) + toCsv([{ b: 2n, c: 9 }], options)).toBe(',1\n2,\n')
  })

  test.each<[string, () => unknown]>([
    ['toCsv: columns must be different, got "a" twice', () => toCsv([], { columns: ['a', 'b', 'a'] })],
    ['toCsv: rows[0].a must be a number, a text, a flag or null, got an object', () => toCsv([{ a: {} as never }])],
    ['toCsv: header must be true or false, got 1', () => toCsv([], { header: 1 as never })]
  ])('refuses: %s', (message, refused) => {
    expect(refused).toThrow(message)
  })
})
