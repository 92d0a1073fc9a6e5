import { chain, InvalidOption, InvalidTree, ndarray, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import { momentum, plain } from '../internal/testing/parts.js'
import { aTemplate, marksOf, textOf, type Values } from '../internal/testing/trees.js'
import { byPath } from './byPath.js'
import { freeze } from './freeze.js'
import { masked } from './masked.js'
import { notByPath } from './notByPath.js'
import { partition } from './partition.js'
import { selectiveTransform } from './selectiveTransform.js'

const params = {
  backbone: {
    layers: [
      { kernel: new Float32Array(2), bias: 1 },
      { kernel: new Float32Array(2), bias: 1 }
    ],
    norm_1: 0
  },
  'conv 1': { kernel: 1 },
  'a.b': { '**': 1, 'x"y': 2 },
  head: { bias: 3 },
  gone: null
}
const paths = tree.paths(params)

const chosen = (selector: Parameters<typeof byPath>[0]): readonly string[] => {
  const marks = marksOf(byPath(selector)(params))
  return paths.filter((_, i) => marks[i])
}

type Part = '**' | '*' | '[*]' | string | number

/** The definition, written to be read: a part takes one step, ** any number. */
const fits = (pattern: readonly Part[], steps: readonly (string | number)[]): boolean => {
  const [part, ...rest] = pattern
  if (part === undefined) return steps.length === 0
  if (part === '**') return fits(rest, steps) || (steps.length > 0 && fits(pattern, steps.slice(1)))
  const [step, ...others] = steps
  if (step === undefined) return false
  const isStep = part === '*' || (part === '[*]' ? typeof step === 'number' : part === step)
  return isStep && fits(rest, others)
}

const written = (pattern: readonly Part[]): string =>
  pattern.map((part) => (typeof part === 'number' ? `[${part}]` : part === '[*]' ? part : `.${part}`)).join('')

const stepsOf = (values: Values, steps: readonly (string | number)[] = []): (readonly (string | number)[])[] => {
  if (values === null) return []
  if (typeof values !== 'object' || ArrayBuffer.isView(values) || 'dtype' in values) return [steps]
  return Object.entries(values).flatMap(([key, child]) =>
    stepsOf(child, [...steps, Array.isArray(values) ? Number(key) : key])
  )
}

const marksOrError = (pattern: string, values: Values): unknown => {
  try {
    return marksOf(byPath(pattern)(values))
  } catch (error) {
    return (error as Error).name
  }
}

const aPattern: fc.Arbitrary<readonly Part[]> = fc.array(
  fc.constantFrom<Part>('**', '*', '[*]', 'w', 'b', 'dense', 'a key', 0, 1, 2),
  { maxLength: 6 }
)

describe('byPath', () => {
  test.each<[string, readonly string[]]>([
    ['.head.bias', ['.head.bias']],
    ['head.bias', ['.head.bias']],
    ['backbone.layers[1].kernel', ['.backbone.layers[1].kernel']],
    ['backbone.layers[*].bias', ['.backbone.layers[0].bias', '.backbone.layers[1].bias']],
    ['.backbone.*.*.bias', ['.backbone.layers[0].bias', '.backbone.layers[1].bias']],
    ['*.bias', ['.head.bias']],
    ['**.bias', ['.backbone.layers[0].bias', '.backbone.layers[1].bias', '.head.bias']],
    ['.**.bias', ['.backbone.layers[0].bias', '.backbone.layers[1].bias', '.head.bias']],
    ['**[0].**', ['.backbone.layers[0].kernel', '.backbone.layers[0].bias']],
    ['**[*].**', paths.filter((path) => path.includes('layers'))],
    ['backbone.**.norm_*', ['.backbone.norm_1']],
    ['b*e.n*_1', ['.backbone.norm_1']],
    ['b*b*n*.no*rm*', ['.backbone.norm_1']],
    ['["conv 1"].kernel', ['["conv 1"].kernel']],
    ['conv 1.kernel', ['["conv 1"].kernel']],
    ['["a.b"]["**"]', ['["a.b"]["**"]']],
    ['**["x\\"y"]', ['["a.b"]["x\\"y"]']],
    ['head.bias.**', ['.head.bias']],
    ['**', paths]
  ])('%s', (pattern, wanted) => {
    expect(chosen(pattern)).toEqual(wanted)
    expect(chosen([pattern])).toEqual(wanted)
  })

  test('agrees with the definition of a pattern', () => {
    fc.assert(
      fc.property(aTemplate, aPattern, (values, pattern) => {
        const wanted = stepsOf(values).map((steps) => fits(pattern, steps))
        const found = marksOrError(written(pattern), values)
        // What matches nothing is an error, unless it matches the place of a null or of an empty container.
        if (wanted.some(Boolean) || found !== 'InvalidTree') expect(found).toEqual(wanted)
      })
    )
  })

  test('each path is a pattern that matches its own leaf and no other', () => {
    fc.assert(
      fc.property(aTemplate, (values) => {
        tree.paths(values).forEach((path, i) => {
          const marks = marksOf(byPath(path)(values))
          expect(marks).toEqual(marks.map((_, other) => other === i))
        })
      })
    )
  })

  test('a list is true where one of its patterns is', () => {
    expect(chosen(['head.**', '**[0].*', '**.bias'])).toEqual([
      '.backbone.layers[0].kernel',
      '.backbone.layers[0].bias',
      '.backbone.layers[1].bias',
      '.head.bias'
    ])
  })

  test('a function is asked with the path and the leaf', () => {
    expect(chosen((path, leaf) => typeof leaf !== 'number' && path.includes('[1]'))).toEqual([
      '.backbone.layers[1].kernel'
    ])
  })

  test('the params may be a single leaf', () => {
    expect(byPath('')(3)).toBe(true)
    expect(byPath('**')(ndarray([1], [1]))).toBe(true)
    expect(byPath('**.w')(null)).toBe(null)
  })

  test('masks what takes a mask, at every step', () => {
    const values = { dense: { kernel: 2, bias: 2 }, norm: 2 }
    const grads = { dense: { kernel: 1, bias: 1 }, norm: 1 }
    const emitted = (tx: Parameters<typeof plain>[0]) => {
      const [, state] = plain(tx).update(grads, plain(tx).init(values), values)
      return textOf(plain(tx).update(grads, state, values)[0])
    }
    const kernel = '{ dense: { kernel: 2, bias: 1 }, norm: 1 }'
    expect(emitted(addDecayedWeights(0.5, { mask: byPath('**.kernel') }))).toBe(kernel)
    expect(emitted(addDecayedWeights(0.5, { mask: notByPath(['**.bias', 'norm']) }))).toBe(kernel)
    expect(emitted(masked(addDecayedWeights(0.5), byPath('dense.k*')))).toBe(kernel)
    expect(emitted(freeze(byPath(['dense.**'])))).toBe('{ dense: { kernel: 0, bias: 0 }, norm: 1 }')
    expect(emitted(selectiveTransform(addDecayedWeights(0.5), { freezeMask: byPath('dense.*') }))).toBe(
      '{ dense: { kernel: 0, bias: 0 }, norm: 2 }'
    )
  })

  test('inside another mask the places of leaves that are taken out count', () => {
    const decay = addDecayedWeights(0.5, { mask: byPath(['**.kernel', 'head.*']) })
    const tx = partition({ decay, rest: chain(decay) }, { dense: 'decay', head: 'rest' })
    const values = { dense: { kernel: 2, bias: 2 }, head: { kernel: 4 } }
    const grads = { dense: { kernel: 0, bias: 0 }, head: { kernel: 0 } }
    expect(tx.update(grads, tx.init(values), values)[0]).toStrictEqual({
      dense: { kernel: 1, bias: 0 },
      head: { kernel: 2 }
    })
    expect(() => byPath('**.scale')({ norm: { scale: null }, w: 1 })).not.toThrow()
    expect(() => byPath('layers.**')({ layers: [], w: 1 })).not.toThrow()
  })

  test('forgets what it remembers when the params have another structure', () => {
    const mask = byPath('**.w')
    expect(mask({ w: 1, b: 2 })).toStrictEqual({ w: true, b: false })
    expect(mask({ w: 3, b: 4 })).toStrictEqual({ w: true, b: false })
    expect(mask({ v: { w: 1 }, w: [2] as Tree<number> })).toStrictEqual({ v: { w: true }, w: [false] })
    expect(mask({ w: 3, b: null })).toStrictEqual({ w: true, b: null })
    expect(mask({ b: 4, w: 3 })).toStrictEqual({ b: false, w: true })
    expect(() => mask({ b: 4 })).toThrow(InvalidTree)
    expect(mask({ w: 3, b: 4 })).toStrictEqual({ w: true, b: false })
  })

  test('takes no time of note for what would be slow to try out', () => {
    const deep = Array.from({ length: 60 }, () => 'a')
    const values = deep.reduceRight<Tree<number>>((below, key) => ({ [key]: below }), { b: 1 })
    const pattern = `${'**.a.'.repeat(20)}**.c`
    const start = performance.now()
    expect(() => byPath([pattern, `**.${'a*'.repeat(30)}b`])(values)).toThrow(InvalidTree)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test.each([
    [
      '**.biass',
      'byPath: the pattern "**.biass" matches no leaf of the params; there are .backbone.layers[0].kernel, .backbone.layers[0].bias, .backbone.layers[1].kernel, .backbone.layers[1].bias, .backbone.norm_1 and 4 more'
    ],
    ['head', 'byPath: the pattern "head" matches no leaf of the params; "head.**" would'],
    [
      ['**', 'backbone.layers.0.bias'],
      'byPath: the pattern "backbone.layers.0.bias" matches no leaf of the params; there are .backbone'
    ],
    ['backbone.layers[2].*', 'byPath: the pattern "backbone.layers[2].*" matches no leaf of the params; there are'],
    [
      'backbone.layers[*]',
      'byPath: the pattern "backbone.layers[*]" matches no leaf of the params; "backbone.layers[*].**" would'
    ]
  ])('refuses %j, which matches nothing', (selector, message) => {
    expect(() => byPath(selector)(params)).toThrow(InvalidTree)
    expect(() => byPath(selector)(params)).toThrow(message)
    expect(() => freeze(byPath(selector)).init(params)).toThrow(message)
    expect(() => masked(momentum(), byPath(selector)).init(params)).toThrow(message)
  })

  const malformed = (text: string, rest: string) =>
    'byPath: a pattern must be a path such as ".layers[0].kernel", with * or [*] for one part and ** for any number of ' +
    `them, got ${JSON.stringify(text)}, which makes no sense from ${JSON.stringify(rest)} on`
  test.each([
    ['**bias', '.**bias'],
    ['a..b', '..b'],
    ['a.', '.'],
    ['.', '.'],
    ['a[1', '[1'],
    ['a[-1]', '[-1]'],
    ['a[b]', '[b]'],
    ['a[**]', '[**]'],
    ['a]', ']'],
    ['a["b]', '["b]'],
    ['a["b\\q"]', '["b\\q"]'],
    ['a[0]b', 'b'],
    ["a['b']", "['b']"]
  ])('refuses the pattern %s at once', (text, rest) => {
    expect(() => byPath(text)).toThrow(InvalidOption)
    expect(() => byPath(text)).toThrow(malformed(text, rest))
    expect(() => byPath(['**', text])).toThrow(malformed(text, rest))
  })

  test.each([
    [[], '[]'],
    [3, '3'],
    [undefined, 'undefined'],
    [['a', 1], '["a", 1]'],
    [/bias/, 'a RegExp']
  ])('refuses the selector %j', (selector, shown) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => byPath(selector)).toThrow(
      `byPath: selector must be a pattern, a list of patterns, or a function, got ${shown}`
    )
  })

  test('refuses a function that gives no boolean, with the path', () => {
    // @ts-expect-error -- a selector gives booleans
    const mask = byPath((path) => path)
    expect(() => mask({ a: [1] })).toThrow('byPath: selector(".a[0]") must be true or false, got ".a[0]"')
  })
})
