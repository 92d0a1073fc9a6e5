import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { sum } from '../expression/operations.js'
import * as random from '../random/index.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'
import { aForm, flat, formOf, someTrees } from './testing.js'

const key = random.key(3)
const nested = {
  b: new Float32Array(2),
  a: [ndarray(new Float64Array(2), [1, 2]), null, 0],
  10: new Float32Array(1),
  9: new Float32Array(1)
}

describe('as Optax 0.2.8 gives it', () => {
  test('splitKeyLike', () => {
    const keyed = (words: string) => `threefry2x32:${words}`
    expect(tree.splitKeyLike(key, nested)).toStrictEqual({
      10: keyed('dd8a639bcf7f7ee5'),
      9: keyed('7405344b842f0e8e'),
      a: [keyed('3d10ce329b32c2ec'), null, keyed('3448e71bcd8aab2b')],
      b: keyed('513f6533167ca09d')
    })
  })

  test('randomLike: normal numbers in the dtype of each leaf', () => {
    const noise = force(tree.randomLike(key, nested)) as typeof nested
    expect([noise[10], noise[9], noise.b]).toStrictEqual([
      Float32Array.of(-2.3783397674560547),
      Float32Array.of(-1.9432215690612793),
      Float32Array.of(1.6219290494918823, 3.1590576171875)
    ])
    const expected = [
      ndarray(Float64Array.of(-0.9150335283069718, 0.3717120107389825), [1, 2]),
      null,
      -0.7689318868852256
    ]
    // Three units in the last place.
    expect(tree.allClose(noise.a, expected, { rtol: 2 ** -50, atol: 0 })).toBe(true)
  })

  test('randomLike: uniform float32 numbers for every leaf', () => {
    const options = { sampler: random.uniform, dtype: 'float32' } as const
    expect(force(tree.randomLike(key, nested, options))).toStrictEqual({
      10: Float32Array.of(0.008695363998413086),
      9: Float32Array.of(0.02599465847015381),
      a: [ndarray(Float32Array.of(0.2783395051956177, 0.007041335105895996), [1, 2]), null, 0.27357733249664307],
      b: Float32Array.of(0.947590708732605, 0.9992085695266724)
    })
  })
})

describe('splitKeyLike', () => {
  test('gives every leaf a key of its own, one of those that split gives', () => {
    fc.assert(
      fc.property(aForm, (form) => {
        const keys = tree.splitKeyLike(key, form)
        const given = tree.leaves(keys)
        expect([...given].sort()).toEqual([...random.split(key, given.length)].sort())
        expect(tree.paths(keys)).toEqual(tree.paths(form))
      })
    )
  })

  test('gives a leaf the same key in whatever order the keys were written', () => {
    const [a, b, c] = random.split(key, 3)
    expect(tree.splitKeyLike(key, { x: 0, b: { z: 0, a: 0 } })).toStrictEqual({ b: { a, z: b }, x: c })
    expect(Object.keys(tree.splitKeyLike(key, { x: 0, b: 0 }) as object)).toEqual(['x', 'b'])
    const items = Array.from({ length: 12 }, () => 0)
    expect(tree.splitKeyLike(key, items)).toStrictEqual(random.split(key, 12))
  })

  test('a single leaf, nothing, and a deep tree', () => {
    expect(tree.splitKeyLike(key, 1)).toBe(random.split(key, 1)[0])
    expect(tree.splitKeyLike(key, null)).toBeNull()
    let deep: Tree = { w: 1 }
    for (let i = 0; i < 5000; i++) deep = [deep]
    expect(tree.leaves(tree.splitKeyLike(key, deep))).toStrictEqual(random.split(key, 1))
  })

  test('its keys are leaves beside those of the tree', () => {
    const keys = tree.splitKeyLike(key, { w: 2, b: 3 })
    const drawn = tree.map((n: number, own: random.Key) => random.bits(own, [n]).length, { w: 2, b: 3 }, keys)
    expect(drawn).toStrictEqual({ w: 2, b: 3 })
  })
})

describe('randomLike', () => {
  test('has the structure, shapes and dtypes of the tree, and other numbers in every leaf', () => {
    fc.assert(
      fc.property(someTrees(1), ([a]) => {
        const noise = tree.randomLike(key, a as Tree)
        expect(formOf(noise)).toStrictEqual(formOf(a as Tree))
        const numbers = flat(noise)
        expect(new Set(numbers).size).toBe(numbers.length)
      })
    )
  })

  test('is the same from the same key, in both engines, and shares no buffers', () => {
    const [one, two] = [force(tree.randomLike(key, nested)), force(tree.randomLike(key, nested))]
    expect(one).toStrictEqual(two)
    expect(withEngine(reference, () => force(tree.randomLike(key, nested)))).toStrictEqual(one)
    expect((one as typeof nested).b.buffer).not.toBe((two as typeof nested).b.buffer)
    expect(force(tree.randomLike(random.key(4), nested))).not.toStrictEqual(one)
  })

  test('is lazy: nothing is drawn that nobody asks for', () => {
    let calls = 0
    const sampler: tree.Sampler = (own, shape, options) => {
      calls += 1
      return random.normal(own, shape, options)
    }
    const noise = tree.randomLike(key, { w: new Float32Array(3), v: new Float32Array(2) }, { sampler }) as {
      w: Expr
      v: Expr
    }
    expect(noise.w).toBeInstanceOf(Expr)
    expect(calls).toBe(0)
    read(sum(noise.w))
    expect(calls).toBe(1)
    force(noise)
    expect(calls).toBe(2)
  })

  test('draws what is stored in 16 bits in float32, and rounds it', () => {
    const like = [ndarray([0, 0], [2], 'bfloat16'), ndarray([0], [1], 'float16')]
    const wide = tree.randomLike(key, like, { dtype: 'float32' })
    expect(force(tree.randomLike(key, like))).toStrictEqual(force(tree.castLike(wide, like)))
  })

  test('draws a lazy scalar as a number', () => {
    expect(tree.randomLike(key, [sum(new Float32Array(1))])).toStrictEqual([
      random.normal(random.split(key, 1)[0] as random.Key, [], { dtype: 'float64' }).data[0]
    ])
  })

  test('takes a sampler with options of its own', () => {
    const sampler: tree.Sampler = (own, shape, options) => random.bernoulli(own, shape, { ...options, p: 1 })
    expect(force(tree.randomLike(key, { w: new Float64Array(2), b: 5 }, { sampler }))).toStrictEqual({
      w: Float64Array.of(1, 1),
      b: 1
    })
  })
})

describe('misuse is refused', () => {
  const like = { w: new Float32Array(2) }
  const wrong = (made: unknown) => () => made as never
  test.each([
    ['split: key must be made by random.key, got 0', () => tree.splitKeyLike(0 as never, like)],
    ['split: key must be made by random.key, got 0', () => tree.randomLike(0 as never, like)],
    [
      'randomLike: sampler must be a function, got "normal"',
      () => tree.randomLike(key, like, { sampler: 'normal' as never })
    ],
    [
      'randomLike: dtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"',
      () => tree.randomLike(key, like, { dtype: 'int8' as never })
    ],
    [
      'randomLike: sampler must give a float32 array of 2 elements, got a Float32Array',
      () => force(tree.randomLike(key, like, { sampler: wrong(new Float32Array(2)) }))
    ],
    [
      'randomLike: sampler must give a float32 array of 2 elements, got an NdArray',
      () => force(tree.randomLike(key, like, { sampler: wrong(ndarray(new Float32Array(3), [3])) }))
    ],
    [
      'randomLike: sampler must give a float64 array of 1 elements, got an NdArray',
      () => tree.randomLike(key, 1, { sampler: wrong(ndarray(new Float32Array(1), [])) })
    ]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })

  test('what is no leaf is refused with its place', () => {
    expect(() => tree.randomLike(key, { w: ['x' as never] })).toThrow(
      new InvalidTree(
        'randomLike: tree.w[0] is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
      )
    )
  })
})
