import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { survivors } from '../internal/mutateTesting.js'
import { fromJson } from './fromJson.js'
import { toJson } from './toJson.js'

const read = (text: string): unknown => {
  const result = fromJson(text)
  if (result._tag === 'Left') throw result.left
  return result.right
}

const tree = () => ({
  count: 3,
  numbers: [-0, Number.NaN, Infinity, -Infinity, 5e-324, 1e308],
  text: '$text',
  on: [true, false, null, undefined],
  big: -(2n ** 70n),
  bare: Float32Array.of(0.1, -0, Number.NaN),
  bytes: Uint8Array.from({ length: 300 }, (_, i) => i),
  tensor: ndarray([1, 2], [1, 2], 'bfloat16'),
  none: ndarray([], [0, 2]),
  $array: { $$: 1, $number: 'NaN', a$: 2 },
  noPrototype: Object.assign(Object.create(null) as object, { x: { y: 1 }, $x: 2 })
})

test('gives back what was written, to the bit', () => {
  expect(read(toJson(tree()))).toStrictEqual(tree())
  const checked = fromJson(toJson(tree()), tree())
  expect(checked._tag === 'Right' && checked.right).toStrictEqual(tree())
})

test('so it is with any tree', () => {
  const leaf = fc.oneof(fc.double(), fc.string({ unit: 'binary' }), fc.boolean(), fc.bigInt(), fc.float32Array())
  const key = fc.oneof(fc.string(), fc.constantFrom('$', '$$', '$array', '$bare', '$number'))
  const { tree: any } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(
        key.filter((k) => k !== '__proto__'),
        tie('tree'),
        { maxKeys: 4 }
      )
    )
  }))
  fc.assert(
    fc.property(any, (value) => {
      expect(read(toJson(value))).toStrictEqual(value)
    })
  )
})

test('what JSON has stands as it is', () => {
  const plain = { a: [1, 'x', true, null], b: { c: -1.5 } }
  expect(JSON.parse(toJson(plain))).toStrictEqual({ gradchain: 1, tree: plain })
})

test('many bytes are no trouble', () => {
  const w = new Uint8Array(300_000).map((_, i) => i % 251)
  expect(read(toJson({ w }))).toStrictEqual({ w })
})

const holding = (leaf: string): string => `{"gradchain":1,"tree":{"w":[${leaf}]}}`

test.each([
  ['no JSON', '{', 'the text must be JSON, got other text, beginning with "{"'],
  ['JSON of others', '{"w":1}', 'the text must be an object with gradchain and tree, got an object'],
  ['a list', '[1]', 'the text must be an object with gradchain and tree, got [1]'],
  ['another version', '{"gradchain":2,"tree":1}', 'the text must be of version 1, got version 2'],
  ['a key twice', holding('{"a":1,"a":1}'), 'the text must be without a key twice, got "a" twice'],
  ['a key __proto__', holding('{"__proto__":1}'), 'the text must be without a key __proto__, got one'],
  ['endless nesting', holding('['.repeat(3000)), 'the text must be nested at most 2004 deep, got more'],
  [
    'more nesting than a tree has',
    holding(`${'['.repeat(1000)}${']'.repeat(1000)}`),
    'the tree must be nested at most 1000 deep, got more'
  ],
  [
    'an unknown dtype',
    holding('{"$array":"float8","base64":""}'),
    'tree.w[0] must be of a dtype that is known, got "float8"'
  ],
  ['no base64', holding('{"$array":"int8","base64":"a b="}'), 'tree.w[0] must be in base64, got "a b="'],
  ['no bytes', holding('{"$array":"int8"}'), 'tree.w[0] must be in base64, got undefined'],
  [
    'half an element',
    holding('{"$array":"float32","base64":"AAA="}'),
    'tree.w[0] must be float32 of 4 bytes each, got 2 bytes'
  ],
  [
    'another shape',
    holding('{"$tensor":"int8","shape":[3],"base64":"AAA="}'),
    'tree.w[0] must be of a shape that holds 2 elements, got [3]'
  ],
  [
    'no shape',
    holding('{"$tensor":"int8","base64":"AAA="}'),
    'tree.w[0] must be of a shape that holds 2 elements, got undefined'
  ],
  [
    'a number that is none',
    holding('{"$number":"one"}'),
    'tree.w[0] must be one of the numbers "NaN", "Infinity", "-Infinity", "-0", got "one"'
  ],
  [
    'a bigint that is none',
    holding('{"$bigint":"1.5"}'),
    'tree.w[0] must be a bigint of at most 10000 digits, got "1.5"'
  ],
  ['a leaf that is none', holding('{"$date":"1"}'), 'tree.w[0] must be a leaf that is known, got "$date"'],
  ['a leaf with more', holding('{"$number":"NaN","a":1}'), 'tree.w[0] must be $number alone, got more fields'],
  ['a bare object that is none', holding('{"$bare":1}'), 'tree.w[0] must be an object, got 1']
])('refuses %s', (_, text, sentence) => {
  const result = fromJson(text)
  expect(result._tag === 'Left' && result.left.message).toContain(`fromJson: ${sentence}`)
})

test('refuses another form', () => {
  const result = fromJson(toJson({ w: Float32Array.of(1) }), { w: new Float64Array(1) })
  expect(result._tag === 'Left' && result.left.message).toBe(
    'fromJson: tree.w must be float64 of shape [1], got float32 of shape [1]'
  )
})

test('no mutation does more than be refused or read', () => {
  const file = new TextEncoder().encode(toJson(tree()))
  const decode = (bytes: Uint8Array) => fromJson(new TextDecoder().decode(bytes))
  expect(survivors(decode, [file], { runs: 500, seed: 3 }).length).toBeGreaterThan(0)
})
