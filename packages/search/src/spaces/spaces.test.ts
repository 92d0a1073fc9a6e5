import { random } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axesOf, configAt, drawnPlaces, pieceAt, placeOf, pointAt, pointOf, valueAt } from '../internal/axes.js'
import { everyKind } from '../internal/trialTesting.js'
import { gridSearch } from '../trials/gridSearch.js'
import { choice } from './choice.js'
import { integer } from './integer.js'
import { logUniform } from './logUniform.js'
import { space } from './space.js'
import { uniform } from './uniform.js'
import { variants } from './variants.js'

const axes = axesOf('test', everyKind)

test('a configuration and its point are made of each other', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const places = drawnPlaces(axes, random.key(seed))
      const config = configAt(axes, places)
      const point = pointOf('test', axes, config)
      expect(point.join()).toBe(pointAt(axes, places).join())
      const again = configAt(axes, point) as { readonly rate: number }
      expect(again.rate / (config as { readonly rate: number }).rate).toBeCloseTo(1, 9)
    })
  )
})

test.each([
  [uniform(-3, 5), -3, 5],
  [logUniform(1e-5, 10), 1e-5, 10],
  [integer(-2, 7), -2, 7],
  [integer(1, 1000, { log: true }), 1, 1000],
  [choice(['a', 'b', 'c']), 'a', 'c']
])('%j has both ends, at 0 and at 1', (dimension, low, high) => {
  expect(valueAt(dimension, 0)).toBe(low)
  expect(valueAt(dimension, 1)).toBe(high)
})

test('the pieces of whole numbers and choices lie side by side and fill the interval', () => {
  for (const dimension of [integer(-2, 3), integer(1, 20, { log: true }), choice([1, 2, 3])]) {
    let at = 0
    while (at < 1 - 1e-9) {
      const [from, to] = pieceAt(dimension, at + 1e-9)
      expect(from).toBeCloseTo(at, 9)
      expect(to).toBeGreaterThan(from)
      expect(valueAt(dimension, from + 1e-9)).toBe(valueAt(dimension, to - 1e-9))
      at = to
    }
    expect(at).toBeCloseTo(1, 9)
  }
})

test('the place of a whole number or a choice is in its piece, in the middle where the pieces are alike', () => {
  for (const value of [-2, 0, 3]) {
    const place = placeOf(integer(-2, 3), value) as number
    const [from, to] = pieceAt(integer(-2, 3), place)
    expect(place).toBeCloseTo((from + to) / 2, 12)
  }
  for (const value of [1, 2, 20])
    expect(valueAt(integer(1, 20, { log: true }), placeOf(integer(1, 20, { log: true }), value) as number)).toBe(value)
  expect(placeOf(choice(['a', 'b']), 'b')).toBe(0.75)
  expect(placeOf(choice(['a', 'b']), 'c')).toBe(null)
})

test('of variants only the hyperparameters of the chosen one are there', () => {
  const one = space(
    variants('name', { adam: { b1: uniform(0, 1) }, sgd: { momentum: uniform(0, 1), deep: { n: integer(0, 3) } } })
  )
  const own = axesOf('test', one)
  const names = (u: number) => JSON.stringify(Object.keys(configAt(own, [u, 0.5, 0.5, 0.5]) as object))
  expect(names(0.25)).toBe('["name","b1"]')
  expect(names(0.75)).toBe('["name","momentum","deep"]')
  expect(() => pointOf('test', own, { name: 'adam' })).toThrow(
    'test: candidate.b1 must be a number from 0 to 1, got undefined'
  )
  expect(() => pointOf('test', own, { name: 'lion' })).toThrow(
    'test: candidate.name must be one of "adam", "sgd", got "lion"'
  )
})

test.each([
  [() => uniform(1, 1), 'uniform: high must be above low, 1, by a finite number, got 1'],
  [() => uniform(NaN, 1), 'uniform: low must be a finite number, got NaN'],
  [() => uniform(-1.7e308, 1.7e308), 'uniform: high must be above low'],
  [() => logUniform(0, 1), 'logUniform: low must be a finite number > 0, got 0'],
  [() => logUniform(2, 1), 'logUniform: high must be above low, 2, got 1'],
  [() => integer(0.5, 1), 'integer: low must be a whole number, got 0.5'],
  [() => integer(2, 1), 'integer: high must be at least low, 2, got 1'],
  [() => integer(0, 9, { log: true }), 'integer: low must be a whole number ≥ 1 with log, got 0'],
  [() => integer(0, 9, { log: 1 as never }), 'integer: log must be true or false, got 1'],
  [() => choice([]), 'choice: values must be a list of at least one value, got []'],
  [() => choice(['a', 'a']), 'choice: values must differ, got "a" twice'],
  [
    () => choice([{} as never]),
    'choice: values[0] must be a text, a finite number, true, false or null, got an object'
  ],
  [() => variants('name', {}), 'variants: cases must be an object of at least one set, got an object'],
  [() => variants(1 as never, { a: {} }), 'variants: tag must be a text, got 1'],
  [() => variants('name', { a: { name: uniform(0, 1) } }), 'variants: a must not have a field "name"'],
  [() => space({}), 'space: the space must have a hyperparameter, got none'],
  [
    () => space({ a: { b: 3 as never } }),
    'space: a.b must be a hyperparameter such as uniform(0, 1), or an object of them, got 3'
  ],
  [
    () => space({ a: { kind: 'uniform', low: 0, high: null as never } }),
    'space: a must have finite ends in their order, got 0 and null'
  ],
  [
    () => gridSearch({ fields: { a: { kind: 'integer', low: 0.5, high: 2, log: false } } }),
    'gridSearch: a must have whole ends in their order, got 0.5 and 2'
  ],
  [() => space({ a: { kind: 'logUniform', low: 0, high: 2 } }), 'space: a must have ends above 0, got 0 and 2'],
  [
    () => space({ a: { kind: 'choice', values: [] as readonly string[] } }),
    'space: a must have a list of values, got []'
  ],
  [() => space(undefined as never), 'space: the space must be made by space']
])('refuses %s', (make, message) => {
  expect(make).toThrow(message)
})
