import { expect, test } from 'vitest'
import { nearest } from './nearest.js'

const known = ['adam', 'adamw', 'adamax', 'scaleByAdam', 'sgd']

test.each([
  ['adamW', 'adamw'],
  ['Adam', 'adam'],
  ['scale_by_adam', 'scaleByAdam'],
  ['scaleByAdma', 'scaleByAdam'],
  ['scalByAdamm', 'scaleByAdam'],
  ['sdg', 'sgd'],
  ['sg', undefined],
  ['lion', undefined],
  ['', undefined]
])('near %j is %j', (name, expected) => {
  expect(nearest(name, known)).toBe(expected)
})

test('a name as long as files may be is not compared letter by letter', () => {
  expect(nearest('x'.repeat(2 ** 24), known)).toBeUndefined()
})
