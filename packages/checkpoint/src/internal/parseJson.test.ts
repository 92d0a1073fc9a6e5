import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuseFor } from './attempt.js'
import { parseJson } from './parseJson.js'

const parse = (text: string, depth = 8) => parseJson(refuseFor('read'), 'the text', text, depth)

test('reads what JSON.parse reads', () => {
  const json = fc.json({ maxDepth: 4, noUnicodeString: false })
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent)
      const value: unknown = JSON.parse(text)
      if (!text.includes('__proto__')) expect(parse(spaced)).toStrictEqual(value)
    })
  )
})

test.each([
  ['a key twice', '{"a":1,"b":{"a":1},"a" : 2}', 'read: the text must be without a key twice, got "a" twice'],
  ['a key twice, written otherwise', '{"a":1,"\\u0061":2}', 'got "a" twice'],
  ['a key twice inside', '[{"b":{"a":{},"a":[]}}]', 'got "a" twice'],
  ['a key __proto__', '{"a":{"__proto__":1}}', 'must be without a key __proto__, got one'],
  ['a key __proto__ in other letters', '{"_\\u005fproto__":1}', 'must be without a key __proto__, got one'],
  ['depth', '[[[[[[[[[]]]]]]]]]', 'must be nested at most 8 deep, got more'],
  ['no JSON', '{"a":', 'must be JSON, got other text, beginning with "{\\"a\\":"'],
  ['a string without an end', '{"a\\', 'must be JSON'],
  ['nothing', '', 'must be JSON'],
  ['an escape that is none', '{"\\x":1,"\\x":2}', 'twice']
])('refuses %s', (_, text, sentence) => {
  expect(() => parse(text)).toThrow(sentence)
})

test('brackets, quotes and keys inside of texts are texts', () => {
  const value = { a: '[[[[[[[[[[', b: ['"', '"a":', '\\"', { c: '{' }], '"': 1, '\\': 2, 'a"': 3 }
  expect(parse(JSON.stringify(value))).toStrictEqual(value)
})

test('a text of millions of characters is no trouble', () => {
  const text = JSON.stringify({ a: `${'x\\'.repeat(3e6)}` })
  expect(parse(text)).toStrictEqual(JSON.parse(text))
})
