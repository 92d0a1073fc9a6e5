import { expect, test } from 'vitest'
import { ndarray, tree } from '../index.js'

const table = Float32Array.of(1, 2, 3, 4)

test('an array at several places is found, with its places in tree order', () => {
  const other = Float64Array.of(1)
  const params = { embed: { w: table }, a: other, layers: [{ b: 1 }, { b: 1, w: table }], 'a b': other, head: table }
  expect(tree.findTies(params)).toStrictEqual([
    ['.embed.w', '.layers[1].w', '.head'],
    ['.a', '["a b"]']
  ])
})

test('an NdArray is its elements', () => {
  const shaped = ndarray(table, [2, 2])
  expect(tree.findTies({ a: shaped, b: shaped, c: ndarray(table, [2, 2]), d: table })).toStrictEqual([
    ['.a', '.b', '.c', '.d']
  ])
})

test('what is equal is not one, and a layer that is shared is shared array by array', () => {
  expect(tree.findTies({ a: table, b: table.slice(), c: 1, d: 1, e: null, f: null })).toStrictEqual([])
  const layer = { w: table, b: Float32Array.of(0) }
  expect(tree.findTies({ encoder: layer, decoder: layer })).toStrictEqual([
    ['.encoder.w', '.decoder.w'],
    ['.encoder.b', '.decoder.b']
  ])
})

test.each([[{}], [null], [3], [table], [[]]])('of %j there is none', (params) => {
  expect(tree.findTies(params)).toStrictEqual([])
})
