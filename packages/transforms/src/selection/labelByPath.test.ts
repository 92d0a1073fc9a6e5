import { chain, InvalidOption, InvalidTree, type Leaf, type Tree } from '@gradchain/core'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { textOf } from '../internal/testing/trees.js'
import { scale } from '../scaling/scale.js'
import { byPath } from './byPath.js'
import { type LabelByPathOptions, labelByPath } from './labelByPath.js'
import { notByPath } from './notByPath.js'
import { partition } from './partition.js'
import { setToZero } from './setToZero.js'

const params = {
  embedding: { table: new Float32Array(2) },
  layers: [
    { kernel: 1, bias: 2 },
    { kernel: 3, bias: 4 }
  ],
  head: { kernel: 5, bias: 6 },
  gone: null
}

describe('labelByPath', () => {
  test('gives each leaf the label of its pattern, or what it is otherwise', () => {
    const labels = labelByPath({ 'embedding.**': 'frozen', '**.bias': 'plain' }, { otherwise: 'decay' })
    expect(labels(params)).toStrictEqual({
      embedding: { table: 'frozen' },
      layers: [
        { kernel: 'decay', bias: 'plain' },
        { kernel: 'decay', bias: 'plain' }
      ],
      head: { kernel: 'decay', bias: 'plain' },
      gone: null
    })
  })

  test('the order of the patterns does not matter', () => {
    const one = labelByPath({ 'embedding.**': 'a', 'layers.**': 'b', 'head.**': 'a' })
    const other = labelByPath({ 'head.**': 'a', 'layers.**': 'b', 'embedding.**': 'a' })
    expect(one(params)).toStrictEqual(other(params))
  })

  test('the leaves of a label are those of byPath of its patterns, of otherwise those of notByPath of all', () => {
    const labels = labelByPath({ 'layers[0].**': 'a', '**.table': 'a', 'head.*': 'b' }, { otherwise: 'c' })(params)
    const where = (label: string) => textOf(labels).replaceAll(/: ([abc])(?=[ ,\]}])/g, (_, l) => `: ${l === label}`)
    expect(where('a')).toBe(textOf(byPath(['layers[0].**', '**.table'])(params)))
    expect(where('b')).toBe(textOf(byPath('head.*')(params)))
    expect(where('c')).toBe(textOf(notByPath(['layers[0].**', '**.table', 'head.*'])(params)))
  })

  test('patterns of the same label may meet', () => {
    expect(labelByPath({ '**.w': 'a', 'x.**': 'a' })({ x: { w: 1, v: 2 } })).toStrictEqual({ x: { w: 'a', v: 'a' } })
  })

  test('parameter groups: a rate for each part, and a frozen one', () => {
    const labels = labelByPath({ 'embedding.**': 'frozen', 'layers[*].**': 'slow', 'head.**': 'fast' })
    const tx = chain(partition({ slow: scale(-0.5), fast: scale(-2), frozen: setToZero() }, labels))
    const grads = {
      embedding: { table: new Float32Array([1, 1]) },
      layers: [
        { kernel: 1, bias: 1 },
        { kernel: 1, bias: 1 }
      ],
      head: { kernel: 1, bias: 1 },
      gone: null
    }
    const [, state] = tx.update(grads, tx.init(params), params)
    expect(textOf(tx.update(grads, state, params)[0])).toBe(
      '{ embedding: { table: Float32Array(0 0) }, layers: [{ kernel: -0.5, bias: -0.5 }, { kernel: -0.5, bias: -0.5 }], head: { kernel: -2, bias: -2 }, gone: null }'
    )
  })

  test('its type has the labels', () => {
    const labels = labelByPath({ '**.a': 'x', '**.b': 'y' }, { otherwise: 'x' })
    expectTypeOf(labels).toEqualTypeOf<(params: Tree<Leaf>) => Tree<'x' | 'y'>>()
  })

  type Row = [Readonly<Record<string, string>>, LabelByPathOptions, string]
  test.each<Row>([
    [
      { '**.bias': 'plain', 'head.**': 'fast' },
      { otherwise: 'slow' },
      'labelByPath: .head.bias is "plain" by "**.bias" and "fast" by "head.**"'
    ],
    [
      { '**': 'all', 'head.**': 'all', 'head.bias': 'fast' },
      {},
      'labelByPath: .head.bias is "all" by "**" and "fast" by "head.bias"'
    ],
    [
      { 'layers.**': 'slow' },
      {},
      'labelByPath: no pattern matches .embedding.table, .head.kernel, .head.bias; say what it is otherwise'
    ],
    [
      { 'heads.**': 'fast' },
      { otherwise: 'slow' },
      'labelByPath: the pattern "heads.**" matches no leaf of the params; there are .embedding.table, '
    ],
    [
      { head: 'fast' },
      { otherwise: 'slow' },
      'labelByPath: the pattern "head" matches no leaf of the params; "head.**" would'
    ]
  ])('refuses %j with %j for these params', (labels, options, message) => {
    const use = () => labelByPath(labels, options)(params)
    expect(use).toThrow(InvalidTree)
    expect(use).toThrow(message)
  })

  test.each([
    [{ 'a..b': 'x' }, {}, 'labelByPath: a pattern must be a path such as ".layers[0].kernel"'],
    [{ '**': 1 }, {}, 'labelByPath: the label of "**" must be a string, got 1'],
    ['**', {}, 'labelByPath: labels must be an object, got "**"'],
    [{ '**': 'x' }, { otherwise: true }, 'labelByPath: otherwise must be a string, got true'],
    [{ '**': 'x' }, { default: 'y' }, 'labelByPath: there is no option default; there are otherwise']
  ])('refuses %j with %j at once', (labels, options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    const misuse = () => labelByPath(labels, options)
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(message)
  })
})
