import { identity, type Leaf, ndarray, random, step, type Tree, transient, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectFloat32InChain, expectSame, last, refuses } from '../internal/testing/courses.js'
import { type AddNoiseOptions, addNoise } from './addNoise.js'

const options = { eta: 0.25, gamma: 0.55, key: 7 }
const aSeed = fc.maxSafeInteger()
const anEta = fc.constantFrom(0.25, 1, 4, 9)

/** What Optax 0.2.8 (JAX 0.10.2, CPU, 64-bit types enabled) emits for {@link options}, `b` and then `a`, step by step. */
const GOLDEN = {
  float64: [
    [0.8633183479594287, -2.4880032184130134, 3.3508691338448835, 1.2803879962880762, -0.37753676997389185],
    [1.3370546742332357, 0.2764313904794473, -0.2999671202404466, 0.07179241277861936, -1.3479364067126458],
    [-0.2626462264828509, -2.3193858454151943, -0.19340443555311637, 1.8801487370362082, 2.1461687834280787]
  ],
  float32: [
    [0.1454966962337494, -2.14241623878479, 3.04547119140625, 0.6548566818237305, 0.4447372853755951],
    [1.294287085533142, 0.8305678367614746, -1.2876213788986206, 0.5076407194137573, -1.1286053657531738],
    [-0.6421570777893066, -1.4989333152770996, 0.29186540842056274, 2.171787738800049, 1.7698436975479126]
  ]
} as const

const GRADIENTS = [
  [0.5, -2, 3, 1, 0],
  [1.5, 0.25, -1, 0, -1],
  [-0.75, -2, 0.125, 2, 2]
] as const

describe('addNoise', () => {
  test.each([
    // Float64 normal numbers are Optax's to some units in the last place. In float32 Optax rounds the deviation first.
    ['float64', 1e-15],
    ['float32', 2.5e-7]
  ] as const)('is what Optax gives, in %s', (dtype, tolerance) => {
    const arrayOf = (numbers: readonly number[]) =>
      dtype === 'float64' ? Float64Array.from(numbers) : Float32Array.from(numbers)
    const treeOf = (numbers: readonly number[]) => ({
      b: arrayOf(numbers.slice(0, 3)),
      a: ndarray(arrayOf(numbers.slice(3)) as Float64Array, [1, 2])
    })
    const tx = addNoise(options)
    const params = treeOf([1, -2, 0.5, 1, 2])
    let state = tx.init(params)
    GRADIENTS.forEach((row, t) => {
      const [updates, next] = tx.update(treeOf(row), state, params)
      state = next
      const found = [...updates.b, ...updates.a.data]
      found.forEach((u, i) => {
        const wanted = GOLDEN[dtype][t]?.[i] as number
        expect(Math.abs(u - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)))
      })
    })
    expect(state).toStrictEqual({ count: 3, rngKey: 'threefry2x32:7d775d1b4d2e3a54' })
  })

  test('adds √(η / tᵞ) times normal numbers, of a new key at every step', () => {
    fc.assert(
      fc.property(aCourse(), anEta, fc.constantFrom(0, 0.55, 1), aSeed, (course, eta, gamma, seed) => {
        let own = random.key(seed)
        const found = emitted(addNoise({ eta, gamma, key: seed }), course)
        course.gradients.forEach((row, i) => {
          const [next, now] = random.split(own)
          own = next
          const [leafKey] = random.split(now, 1)
          const noise = random.normal(leafKey as random.Key, [row.length], { dtype: 'float64' }).data
          const deviation = Math.sqrt(eta / (i + 1) ** gamma)
          expect(found[i]).toEqual(row.map((g, j) => g + deviation * (noise[j] as number)))
        })
      })
    )
  })

  test('with η = 0 is the identity', () => {
    fc.assert(
      fc.property(aCourse(), aSeed, (course, key) =>
        expectSame(addNoise({ ...options, eta: 0, key }), identity(), course)
      )
    )
  })

  test('makes noise in proportion to √η, bit for bit where the root is a power of 2', () => {
    fc.assert(
      fc.property(aCourse(fc.constant(0)), aSeed, (course, key) => {
        const one = emitted(addNoise({ eta: 1, gamma: 0, key }), course)
        const twice = emitted(addNoise({ eta: 4, gamma: 0, key }), course)
        expect(twice).toEqual(one.map((row) => row.map((x) => 2 * x)))
      })
    )
  })

  test('has the variance η / tᵞ', () => {
    const n = 40_000
    const params = { w: new Float64Array(n) }
    fc.assert(
      fc.property(aSeed, (key) => {
        const tx = addNoise({ eta: 0.5, gamma: 1, key })
        const [first, state] = tx.update(params, tx.init(params), params)
        const [second] = tx.update(params, state, params)
        const variance = ({ w }: typeof params) => w.reduce((total, x) => total + x * x, 0) / n
        // Six standard errors, each √(2/n) of the variance.
        expect(Math.abs(variance(first) / 0.5 - 1)).toBeLessThan(6 * Math.sqrt(2 / n))
        expect(Math.abs(variance(second) / 0.25 - 1)).toBeLessThan(6 * Math.sqrt(2 / n))
      }),
      { numRuns: 3 }
    )
  })

  test('gives each leaf noise of its own, the same in whatever order the params were written', () => {
    const tx = addNoise(options)
    const zeros = () => new Float32Array(3)
    const one = { a: zeros(), b: { c: zeros(), d: zeros() } }
    const other = { b: { d: zeros(), c: zeros() }, a: zeros() }
    const [u] = tx.update(one, tx.init(one), one)
    const [v] = tx.update(other, tx.init(other), other)
    expect(v).toEqual(u)
    expect(new Set([...u.a, ...u.b.c, ...u.b.d]).size).toBe(9)
  })

  test('takes a key or its seed', () => {
    const tx = addNoise({ ...options, key: random.key(7) })
    fc.assert(fc.property(aCourse(), (course) => expectSame(tx, addNoise(options), course)))
    expect(tx.init({ w: 1 })).toStrictEqual({ count: 0, rngKey: random.key(7) })
  })

  test('goes on where a state that went through JSON left off', () => {
    const tx = addNoise(options)
    const params = { w: new Float32Array([1, 2]) }
    const [, state] = tx.update(params, tx.init(params), params)
    const restored = JSON.parse(JSON.stringify(state)) as typeof state
    expect(tx.update(params, restored, params)).toStrictEqual(tx.update(params, state, params))
  })

  test('makes the same steps in step and in transient', () => {
    const tx = addNoise(options)
    let params = { w: new Float32Array(1000), v: new Float32Array(1000), b: new Float64Array(3) }
    const grads = tree.map((p: Leaf) => p, params) as typeof params
    const run = transient(tx, params)
    let state = tx.init(params)
    for (let i = 0; i < 4; i++) {
      run.step(grads)
      ;[params, state] = step(tx, grads, state, params)
      expect(run.snapshot()).toStrictEqual({ params, state })
    }
    run.dispose()
  })

  test('keeps dtypes', () => {
    const like = {
      number: 1,
      single: new Float32Array(2),
      double: [ndarray(new Float64Array(1), [1, 1])],
      half: ndarray([1], [1], 'float16'),
      brain: ndarray([1, 2], [2], 'bfloat16')
    }
    const [updates] = addNoise(options).update(like, addNoise(options).init(like), like)
    const formOf = (values: Tree<Leaf>) => tree.map((leaf) => Object.prototype.toString.call(leaf), values)
    expect(formOf(updates)).toStrictEqual(formOf(like))
    expect([updates.half.dtype, updates.brain.dtype, updates.double[0]?.dtype]).toEqual([
      'float16',
      'bfloat16',
      'float64'
    ])
    expectFloat32InChain(addNoise(options))
  })

  test('leaves the gradient behind the noise alone', () => {
    fc.assert(
      fc.property(aCourse(fc.constantFrom(0, 1)), (course) => {
        const still = { ...course, gradients: course.gradients.map((row) => row.map(() => 0)) }
        const [noisy, noise] = [emitted(addNoise(options), course), emitted(addNoise(options), still)]
        noisy.forEach((row, t) => {
          row.forEach((u, i) => expect(u).toBe(last([course.gradients[t]?.[i] as number]) + (noise[t]?.[i] as number)))
        })
      })
    )
  })

  const make = (changes: object) => () => addNoise({ ...options, ...changes })
  refuses([
    ['addNoise: eta must be a finite number ≥ 0, got -1', make({ eta: -1 })],
    [
      'addNoise: eta must be a finite number ≥ 0, got undefined',
      () => addNoise({ gamma: 1, key: 0 } as AddNoiseOptions)
    ],
    ['addNoise: gamma must be a finite number, got Infinity', make({ gamma: Infinity })],
    ['addNoise: key must be a key made by random.key or a whole number, got undefined', make({ key: undefined })],
    ['addNoise: key must be a key made by random.key or a whole number, got 0.5', make({ key: 0.5 })],
    ['addNoise: key must be a key made by random.key or a whole number, got "0"', make({ key: '0' })],
    ['addNoise: there is no option seed; there are eta, gamma, key', make({ seed: 1 })],
    ['addNoise: options must be an object, got 0.25', () => addNoise(0.25 as never)]
  ])

  test('refuses a state whose key is none', () => {
    const tx = addNoise(options)
    const state = { count: 0, rngKey: 'mine' as random.Key }
    expect(() => tx.update({ w: 1 }, state, { w: 1 })).toThrow('split: key must be made by random.key, got "mine"')
  })
})
