import { describe as described, fromDescription } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { chained, descriptionOf, partsOf } from './chainText.js'

describe('descriptionOf', () => {
  test.each([
    'adam(0.001)',
    'chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule({ initValue: 0.1, decaySteps: 10 }), { weightDecay: 0.1 }))',
    'sgd(0.5, { momentum: 0.9, nesterov: true })'
  ])('%s is what it says', (text) => {
    const description = descriptionOf(text)
    const again = described(fromDescription(description))
    expect(JSON.stringify(again).replace(',{}', '')).toBe(JSON.stringify(description).replace(',{}', ''))
  })

  test('numbers that JSON has not, lists and names with dots', () => {
    expect(descriptionOf("f(-0, -1, Infinity, -Infinity, [1, 2], ['a'], { 'b c': null }, g.h())")).toStrictEqual([
      'f',
      ['number', '-0'],
      -1,
      ['number', 'Infinity'],
      ['number', '-Infinity'],
      [1, 2],
      ['array', 'a'],
      { 'b c': null },
      ['g.h']
    ])
  })

  test.each([
    ['adam', 'at 1: a chain is a call, such as adam(1e-3)'],
    ['adam(rate)', 'at 6: rate stands there alone; a factory is called, rate(…)'],
    ['adam(1) + 1', 'at 1: a chain is a call, such as adam(1e-3)'],
    ['adam(1); x', 'at 8: something follows what is whole'],
    ['adam(1', 'at 7: Unexpected token'],
    ['adam(...[1])', 'at 6: there are calls, numbers, texts, flags, lists and objects'],
    ['adam(() => 1)', 'at 6: there are calls, numbers, texts, flags, lists and objects'],
    ['adam(1, { __proto__: 1 })', 'at 11: a key __proto__ is refused'],
    ['adam(1, { [1]: 1 })', 'at 11: a field is key: value'],
    ['adam(`1`)', 'at 6: there are calls, numbers, texts, flags, lists and objects'],
    ['adam(1n)', 'at 6: there are numbers, texts and flags'],
    ["f['x'](1)", 'at 1: only a factory, by its name, can be called'],
    ['adam(+1)', 'at 6: + stands only before a number, and only -'],
    ['adam([1,,2])', 'at 6: a list has no holes']
  ])('%s is refused', (text, message) => {
    expect(() => descriptionOf(text)).toThrow(message)
  })

  test('a text of any length is refused beyond ten thousand characters', () => {
    expect(() => descriptionOf(`adam(${' '.repeat(10_000)}1)`)).toThrow('more than 10000 characters')
  })
})

test('a chain comes apart into its parts, and together again', () => {
  const text = 'chain(clip(1), adam(1e-3, { b1: 0.8 }))'
  expect(partsOf(text)).toEqual(['clip(1)', 'adam(1e-3, { b1: 0.8 })'])
  expect(descriptionOf(chained(partsOf(text)))).toStrictEqual(descriptionOf(text))
  expect(partsOf('adam(1)')).toEqual(['adam(1)'])
  expect(chained(['adam(1)'])).toBe('adam(1)')
})
