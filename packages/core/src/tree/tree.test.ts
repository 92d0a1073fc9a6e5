import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paths } from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import { expandPrefix, leaves, map, mapWithPath, type TreeOf, unflatten } from './tree.js'

type Ints = TreeOf<number>

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'kernel', '', 'a b', '0', '10', 'constructor', 'length', 'toString', 'é', '"'),
  fc.string()
)
const { tree: anyTree } = fc.letrec<{ tree: Ints }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .tuple(fc.uniqueArray(fc.tuple(key, tie('tree')), { maxLength: 4, selector: ([name]) => name }), fc.nat(5))
      .map(([entries, n]) =>
        Object.assign(
          n === 0 ? Object.create(null) : {},
          Object.fromEntries(entries.filter(([name]) => name !== '__proto__'))
        )
      )
  )
}))

/** The same tree with its keys the other way round. */
const reversed = (node: Ints): Ints => {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map(reversed)
  const entries = Object.entries(node as Record<string, Ints>).map(([name, child]) => [name, reversed(child)] as const)
  return Object.fromEntries(entries.reverse()) as Ints
}

/** What stands at a path. */
const at = (root: unknown, path: string): unknown => {
  const keys = [...path.matchAll(/\.([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gu)].map(([, name, index, quoted]) =>
    name !== undefined ? name : index !== undefined ? Number(index) : JSON.parse(quoted as string)
  )
  return keys.reduce((node: unknown, name) => (node as Record<string, unknown>)[name], root)
}

/** That two trees have the same leaves, keys in the same order, and prototypes. (`toStrictEqual` trips over a key `constructor`.) */
const same = (actual: unknown, expected: unknown): void => {
  const words = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return node.map(words)
    return [
      Object.getPrototypeOf(node) === null ? 'bare' : 'plain',
      Object.entries(node).map(([name, x]) => [name, words(x)])
    ]
  }
  expect(words(actual)).toEqual(words(expected))
}

describe('laws', () => {
  test('map of the identity gives the same tree, made anew', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const copy = map((x: number) => x, t)
        same(copy, t)
        if (typeof t === 'object' && t !== null) expect(copy).not.toBe(t)
      })
    )
  })

  test('map of a composition is the composition of maps', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const f = (x: number) => `${x}`
        const g = (x: string) => x.length
        same(
          map((x: number) => g(f(x)), t),
          map(g, map(f, t))
        )
      })
    )
  })

  test('unflatten puts leaves back', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        same(unflatten(t, leaves(t)), t)
      })
    )
  })

  test('the leaves of what unflatten made are those it was given', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const given = leaves(t).map((_, i) => ({ toString: () => `${i}` }).toString())
        expect(leaves(unflatten(t, given))).toEqual(given)
      })
    )
  })

  test('keys are matched by name, in whatever order they stand; the first tree gives the order', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const pairs = map((x: number, y: number) => [x, y].join(), t, reversed(t))
        same(
          pairs,
          map((x: number) => `${x},${x}`, t)
        )
        expect(paths(map((_: number, x: number) => x, t, reversed(t)))).toEqual(paths(t))
        expect(leaves(map((_: number, x: number) => x, reversed(t), t))).toEqual(leaves(reversed(t)))
      })
    )
  })

  test('the function sees every leaf once, in tree order', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const seen: number[] = []
        map((x: number) => seen.push(x), t)
        expect(seen).toEqual(leaves(t))
      })
    )
  })

  test.each([1, 2, 3, 4, 5, 6])('map over %i trees hands over one leaf of each', (count) => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const rows: number[][] = []
        const many = Array.from({ length: count }, (_, i) => map((x: number) => x + i, i % 2 ? reversed(t) : t))
        map((...row: number[]) => rows.push(row), ...many)
        expect(rows).toEqual(leaves(t).map((x) => many.map((_, i) => x + i)))
      }),
      { numRuns: 50 }
    )
  })

  test('a path leads to its leaf, and no other leaf has the same', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        const found = paths(t)
        expect(new Set(found).size).toBe(found.length)
        expect(found.map((path) => at(t, path))).toEqual(leaves(t))
        expect(leaves(mapWithPath((path) => path, t))).toEqual(found)
      })
    )
  })

  test('a prefix that is the whole tree stays, a prefix that is a leaf is everywhere', () => {
    fc.assert(
      fc.property(anyTree, (t) => {
        same(expandPrefix(t, t), t)
        same(
          expandPrefix(7, t),
          map(() => 7, t)
        )
      })
    )
  })
})

describe('what a tree is', () => {
  test('null is an empty subtree, and stays', () => {
    expect(map((x: number) => x + 1, { a: null, b: [null, 1] })).toStrictEqual({ a: null, b: [null, 2] })
    expect(map((x: number) => x, null)).toBeNull()
    expect(leaves<number>([null, null])).toEqual([])
    expect(map((x: number, y: number) => x + y, { a: null, b: 1 }, { b: 2, a: null })).toStrictEqual({ a: null, b: 3 })
  })

  test('empty objects and arrays stay what they are', () => {
    expect(map((x: number) => x, { a: {}, b: [], c: [[]] })).toStrictEqual({ a: {}, b: [], c: [[]] })
  })

  test('objects without a prototype stay without', () => {
    const bare: Ints = Object.assign(Object.create(null), { b: 1, a: Object.assign(Object.create(null), { c: 2 }) })
    const doubled = map((x: number) => 2 * x, bare) as typeof bare
    expect(Object.getPrototypeOf(doubled)).toBeNull()
    expect(Object.getPrototypeOf((doubled as { a: object }).a)).toBeNull()
    expect(leaves(doubled)).toStrictEqual([2, 4])
    expect(leaves(map((x: number, y: number) => x - y, bare, { a: { c: 5 }, b: 5 }))).toStrictEqual([-4, -3])
  })

  test('what an object inherits is no part of the tree', () => {
    expect(() => map((x: number, y: number) => x + y, { toString: 1 }, {} as Ints)).toThrow(InvalidTree)
    expect(map((x: number) => x, { constructor: 1, hasOwnProperty: 2 })).toStrictEqual({
      constructor: 1,
      hasOwnProperty: 2
    })
  })

  test('all that is no plain object and no array is a leaf', () => {
    class Layer {
      kernel = 1
    }
    const given = [
      new Map([[1, 2]]),
      new Date(0),
      new Layer(),
      new Float32Array(2),
      Symbol('s'),
      'text',
      true,
      undefined
    ]
    expect(leaves<unknown>(given as never)).toEqual(given)
    const array = ndarray([1, 2], [2])
    expect(leaves<unknown>({ a: array, b: structuredClone(array) } as never)).toEqual([array, array])
    expect(leaves<unknown>({ a: Object.assign(Object.create(null), array) } as never)).toHaveLength(1)
  })

  test('an object that only looks a little like an array is an inner node', () => {
    const nodes = { dtype: 1, shape: [2, 3], data: 4 }
    expect(leaves(nodes)).toStrictEqual([1, 2, 3, 4])
  })
})

describe('the paths in messages', () => {
  test('read like JavaScript', () => {
    expect(paths({ layers: [{ kernel: 1 }, [2]], 'a b': 3, é: 4, $x_1: 5, '': 6, 'a.b': 7, '1': 8 })).toEqual([
      '["1"]',
      '.layers[0].kernel',
      '.layers[1][0]',
      '["a b"]',
      '.é',
      '.$x_1',
      '[""]',
      '["a.b"]'
    ])
    expect(paths(5)).toEqual([''])
  })
})

type Row = readonly [name: string, trees: readonly unknown[], message: string]

const mismatches: readonly Row[] = [
  [
    'a missing key',
    [
      { a: 1, b: { c: 2 } },
      { a: 1, b: {} }
    ],
    'map: the second tree.b has no "c", tree has it'
  ],
  ['an extra key', [{ a: 1 }, { a: 1, b: 2 }], 'map: the second tree has "b", tree has not'],
  ['another key', [{ a: { b: 1 } }, { a: { c: 1 } }], 'map: the second tree.a has no "b", tree has it'],
  ['a longer array', [[[1]], [[1, 2]]], 'map: the second tree[0] has 2 items, tree has 1'],
  ['a shorter array', [{ a: [1, 2] }, { a: [1] }], 'map: the second tree.a has 1 items, tree has 2'],
  ['a leaf for an object', [{ a: { b: 1 } }, { a: 2 }], 'map: the second tree.a is 2, tree has an object'],
  ['an object for a leaf', [{ a: 2 }, { a: { b: 1 } }], 'map: the second tree.a is an object, tree has 2'],
  ['an array for an object', [{ a: { b: 1 } }, { a: [1] }], 'map: the second tree.a is [1], tree has an object'],
  ['an object for an array', [{ a: [1] }, { a: { b: 1 } }], 'map: the second tree.a is an object, tree has [1]'],
  ['null for a leaf', [{ a: 1 }, { a: null }], 'map: the second tree.a is null, tree has 1'],
  ['a leaf for null', [{ a: null }, { a: 1 }], 'map: the second tree.a is 1, tree has null'],
  ['null for an object', [{ a: {} }, { a: null }], 'map: the second tree.a is null, tree has an object'],
  ['an object for null', [{ a: null }, { a: {} }], 'map: the second tree.a is an object, tree has null'],
  ['null at the root', [1, null], 'map: the second tree is null, tree has 1'],
  ['a mismatch in the third', [[1], [1], [1, 2]], 'map: the third tree has 2 items, tree has 1'],
  ['a mismatch in the fourth', [[1], [1], [1], { a: 1 }], 'map: the fourth tree is an object, tree has [1]'],
  ['a mismatch in the fifth', [[1], [1], [1], [1], 2], 'map: tree 5 is 2, tree has [1]'],
  [
    'a key that is not there but undefined',
    [{ a: 1 }, { b: undefined }],
    'map: the second tree has no "a", tree has it'
  ],
  [
    'a typed array for an array',
    [{ a: [1] }, { a: new Float32Array(1) }],
    'map: the second tree.a is a Float32Array, tree has [1]'
  ],
  ['a key __proto__', [JSON.parse('{"a": {"__proto__": 1}}')], 'map: tree.a has a key __proto__, which is refused'],
  [
    'a key __proto__ in the second',
    [{ a: {} }, JSON.parse('{"a": {"__proto__": 1}}')],
    'map: the second tree.a has "__proto__", tree has not'
  ]
]

describe('trees that do not fit are refused, with the place', () => {
  test.each(mismatches)('%s', (_name, trees, message) => {
    expect(() => map((...row: unknown[]) => row.length, ...(trees as TreeOf<unknown>[]))).toThrow(
      new InvalidTree(message)
    )
  })

  test('deep inside', () => {
    const deep = (leaf: unknown): unknown => ({ layers: [{}, { 'the kernel': [0, leaf] }] })
    expect(() => map((x: number, y: number) => x + y, deep(1) as Ints, deep({}) as Ints)).toThrow(
      new InvalidTree('map: the second tree.layers[1]["the kernel"][1] is an object, tree has 1')
    )
  })

  test.each([
    [[1, 2], 'unflatten: the tree has 1 leaves, got 2'],
    [[], 'unflatten: the tree has 1 leaves, got 0']
  ])('unflatten with another number of leaves', (given, message) => {
    expect(() => unflatten({ a: 0, b: null }, given)).toThrow(new InvalidTree(message))
  })

  test.each([
    [{ a: { b: true } }, { a: 1 }, 'expandPrefix: tree.a is 1, prefix has an object'],
    [{ a: true }, { a: 1, b: 2 }, 'expandPrefix: tree has "b", prefix has not'],
    [{ a: true, b: false }, { a: 1 }, 'expandPrefix: tree has no "b", prefix has it'],
    [[true], [1, 2], 'expandPrefix: tree has 2 items, prefix has 1'],
    [{ a: null }, { a: { b: 1 } }, 'expandPrefix: tree.a is an object, prefix has null']
  ])('a prefix %j of %j', (prefix, tree, message) => {
    expect(() => expandPrefix(prefix as TreeOf<boolean>, tree as TreeOf<number>)).toThrow(new InvalidTree(message))
  })

  test('a subtree under a prefix that is out of the ordinary', () => {
    const tree = { a: [1, JSON.parse('{"__proto__": 1}')] }
    expect(() => expandPrefix({ a: true }, tree)).toThrow(
      new InvalidTree('expandPrefix: tree.a[1] has a key __proto__, which is refused')
    )
  })
})

test('a prefix reaches over whole subtrees, and null stands for itself', () => {
  const tree = { a: { b: 1, c: [2, null] }, d: null, e: 3 }
  expect(expandPrefix({ a: 'x', d: null, e: 'y' }, tree)).toEqual({ a: { b: 'x', c: ['x', null] }, d: null, e: 'y' })
  expect(expandPrefix({ e: 'y', d: 'z', a: { c: 'x', b: 'w' } }, tree)).toEqual({
    a: { b: 'w', c: ['x', null] },
    d: null,
    e: 'y'
  })
})

describe('trees that contain themselves are refused', () => {
  const cases: [string, () => unknown][] = [
    [
      'an object',
      () => {
        const a: Record<string, unknown> = { x: 1 }
        a['self'] = a
        return a
      }
    ],
    [
      'an array',
      () => {
        const a: unknown[] = [1]
        a.push([2, a])
        return a
      }
    ],
    [
      'below 1 500 levels',
      () => {
        const cycle: { next?: unknown } = {}
        cycle.next = [cycle]
        let node: unknown = cycle
        for (let i = 0; i < 1500; i++) node = { node }
        return node
      }
    ]
  ]
  test.each(cases)('%s', (_name, make) => {
    const cyclic = make() as Ints
    expect(() => map((x: number) => x, cyclic)).toThrow(new InvalidTree('map: tree contains itself'))
    expect(() => map((x: number) => x, cyclic, cyclic)).toThrow(new InvalidTree('map: tree contains itself'))
    expect(() => leaves(cyclic)).toThrow(new InvalidTree('leaves: tree contains itself'))
    expect(() => paths(cyclic)).toThrow(InvalidTree)
    expect(() => unflatten(cyclic, [])).toThrow(InvalidTree)
    expect(() => expandPrefix(1, cyclic)).toThrow(new InvalidTree('expandPrefix: tree contains itself'))
  })

  test('but the same subtree may stand at several places', () => {
    const shared = { a: 1 }
    expect(map((x: number) => x + 1, [shared, { b: shared }, shared])).toStrictEqual([
      { a: 2 },
      { b: { a: 2 } },
      { a: 2 }
    ])
  })
})

describe.each([10_000, 100_000])('a tree %i levels deep', (depth) => {
  const deep = (leaf: Ints): Ints => {
    let node = leaf
    for (let i = 0; i < depth; i++) node = i % 2 ? [node, i] : { i, node }
    return node
  }
  const bottom = (node: Ints): unknown => {
    let at: unknown = node
    for (let i = depth - 1; i >= 0; i--) at = i % 2 ? (at as unknown[])[0] : (at as { node: unknown }).node
    return at
  }

  test('is mapped, and every leaf seen once', () => {
    const t = deep(7)
    expect(bottom(map((x: number) => -x, t))).toBe(-7)
    let count = 0
    const counted = (x: number, y: number): number => {
      count += 1
      return x + y
    }
    const numbered = map(counted, t, t)
    expect([bottom(numbered), count]).toStrictEqual([14, depth + 1])
  })

  test('is flattened and put back', () => {
    const found = leaves(deep(7))
    expect(found).toHaveLength(depth + 1)
    expect(leaves(unflatten(deep(0), found))).toEqual(found)
  })

  test('fits no other, with the place', () => {
    expect(() => map((x: number, y: number) => x + y, deep(7), deep([]))).toThrow(InvalidTree)
  })
})

test('an error thrown at a leaf comes through', () => {
  const f = () => {
    throw new RangeError('mine')
  }
  expect(() => map(f, { a: [1] })).toThrow('mine')
  expect(() => mapWithPath<number, number>(f, { a: [1] })).toThrow('mine')
})
