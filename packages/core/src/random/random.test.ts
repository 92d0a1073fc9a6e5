import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption } from '../errors.js'
import { mul, sum } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import * as random from './index.js'
import { isKey, type Key, wordsOf } from './key.js'

type Numbers = readonly number[]

interface Drawn {
  readonly uniform: Numbers
  readonly between: Numbers
  readonly normal: Numbers
  readonly gumbel: Numbers
  readonly bernoulli: Numbers
}

/** Written by golden.py. */
interface Golden {
  readonly keys: readonly { readonly seed: number; readonly words: Numbers }[]
  readonly splits: readonly { readonly seed: number; readonly n: number; readonly words: readonly Numbers[] }[]
  readonly folds: readonly { readonly seed: number; readonly data: number; readonly words: Numbers }[]
  readonly draws: readonly {
    readonly seed: number
    readonly shape: Numbers
    readonly bits: Numbers
    readonly float32: Drawn
    readonly float64: Drawn
  }[]
  readonly extremes: readonly { readonly seed: number; readonly normal: Numbers; readonly gumbel: Numbers }[]
  readonly tails: Readonly<Record<random.DrawnDType, { readonly places: Numbers; readonly values: Numbers }>>
  readonly formed: readonly {
    readonly dtype: random.DrawnDType
    readonly a: number
    readonly gamma: Numbers
    readonly loggamma: Numbers
    readonly betas: readonly { readonly b: number; readonly beta: Numbers }[]
  }[]
  readonly permutations: readonly { readonly seed: number; readonly n: number; readonly order: Numbers }[]
  readonly longPermutation: { readonly seed: number; readonly n: number; readonly first: Numbers }
}

const golden = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8')) as Golden
const DTYPES = ['float32', 'float64'] as const

const aSeed = fc.oneof(fc.maxSafeInteger(), fc.nat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, -1))
const aKey = aSeed.map(random.key)
const aShape = fc.array(fc.nat(5), { maxLength: 3 })
const sizeOf = (shape: Numbers): number => shape.reduce((n, length) => n * length, 1)

const between = { minval: -0.8, maxval: 0.1 }
const samplers = {
  uniform: random.uniform,
  normal: random.normal,
  gumbel: random.gumbel,
  bernoulli: random.bernoulli,
  gamma: (key: Key, shape: Numbers, options: random.DrawOptions) => random.gamma(key, 0.7, shape, options),
  loggamma: (key: Key, shape: Numbers, options: random.DrawOptions) => random.loggamma(key, 0.7, shape, options),
  beta: (key: Key, shape: Numbers, options: random.DrawOptions) => random.beta(key, 2, 2, shape, options)
}

describe('as jax.random gives it', () => {
  test.each(golden.keys)('key($seed)', ({ seed, words }) => {
    expect(wordsOf('test', random.key(seed))).toStrictEqual(words)
  })

  test.each(golden.splits)('split(key($seed), $n)', ({ seed, n, words }) => {
    expect(random.split(random.key(seed), n).map((key) => wordsOf('test', key))).toStrictEqual(words)
  })

  test.each(golden.folds)('foldIn(key($seed), $data)', ({ seed, data, words }) => {
    expect(wordsOf('test', random.foldIn(random.key(seed), data))).toStrictEqual(words)
  })

  test.each(golden.draws)('draws of key($seed) in shape $shape', ({ seed, shape, bits, ...drawn }) => {
    const key = random.key(seed)
    expect(random.bits(key, shape)).toStrictEqual(Uint32Array.from(bits))
    for (const dtype of DTYPES) {
      const { uniform, between: stretched, bernoulli, normal, gumbel } = drawn[dtype]
      const exact = (numbers: Numbers) =>
        dtype === 'float32' ? ndarray(Float32Array.from(numbers), shape) : ndarray(Float64Array.from(numbers), shape)
      expect(random.uniform(key, shape, { dtype })).toStrictEqual(exact(uniform))
      expect(random.uniform(key, shape, { dtype, ...between })).toStrictEqual(exact(stretched))
      expect(random.bernoulli(key, shape, { dtype, p: 0.3 })).toStrictEqual(exact(bernoulli))
      if (dtype === 'float32') {
        expect(random.normal(key, shape)).toStrictEqual(exact(normal))
        expect(random.gumbel(key, shape)).toStrictEqual(exact(gumbel))
      } else {
        expectNear(random.normal(key, shape, { dtype }), exact(normal), UNITS)
        // Where x is near 0 the inner logarithm is near 1, and its last unit is many of x.
        expectNear(random.gumbel(key, shape, { dtype }), exact(gumbel), UNITS, 4 * Number.EPSILON)
      }
    }
  })

  test.each(DTYPES)('the outermost of 100 003 normal numbers in %s', (dtype) => {
    const { places, values } = golden.tails[dtype]
    const { data } = random.normal(random.key(5), [100_003], { dtype })
    places.forEach((place, i) => {
      const [actual, expected] = [data[place] as number, values[i] as number]
      expect(Math.abs(expected)).toBeGreaterThan(3.9)
      expect(Math.abs(actual - expected)).toBeLessThanOrEqual(dtype === 'float32' ? 0 : UNITS * 2 ** -50)
    })
  })

  test.each(golden.extremes)(
    'the least and the largest that can be drawn, of key($seed)',
    ({ seed, normal, gumbel }) => {
      expect([...random.normal(random.key(seed), []).data]).toEqual(normal)
      expect([...random.gumbel(random.key(seed), []).data]).toEqual(gumbel)
    }
  )

  test.each(golden.formed)('gamma and beta numbers of shape $a in $dtype', ({ dtype, a, gamma, loggamma, betas }) => {
    const key = random.key(3)
    const round = dtype === 'float32' ? Math.fround : Number
    // What JAX multiplies the normal numbers with is a root whose last bit differs from processor to processor.
    const near = (found: Numbered, wanted: Numbers, units: number) => {
      const shape = [wanted.length]
      const absolute = units * (dtype === 'float32' ? 2 ** -23 : Number.EPSILON)
      expectNear(found, { shape, data: wanted }, dtype === 'float32' ? units * 2 ** 29 : units, absolute)
    }
    near(random.gamma(key, round(a), [12], { dtype }), gamma, 16)
    near(random.loggamma(key, round(a), [12], { dtype }), loggamma, 64)
    for (const { b, beta } of betas) near(random.beta(key, round(a), round(b), [12], { dtype }), beta, 16)
  })

  test('most gamma numbers in float32 are those of JAX to the bit', () => {
    const rows = golden.formed.filter(({ dtype }) => dtype === 'float32')
    const same = rows.map(({ a, loggamma }) => {
      const { data } = random.loggamma(random.key(3), a, [loggamma.length])
      return loggamma.filter((x, i) => Object.is(x, data[i])).length
    })
    // Of nine times twelve.
    expect(same.reduce((total, n) => total + n)).toBeGreaterThan(100)
  })

  test.each(golden.permutations)('permutation(key($seed), $n)', ({ seed, n, order }) => {
    expect(random.permutation(random.key(seed), n)).toStrictEqual(Uint32Array.from(order))
  })

  test('a permutation that is sorted twice', () => {
    const { seed, n, first } = golden.longPermutation
    expect([...random.permutation(random.key(seed), n).subarray(0, first.length)]).toEqual(first)
  })
})

// XLA fuses products with sums and has a logarithm of its own: some units in the last place, of 10⁶ numbers at most 3.
const UNITS = 3

interface Numbered {
  readonly shape: Numbers
  readonly data: ArrayLike<number>
}

const expectNear = (actual: Numbered, expected: Numbered, units: number, absolute = 0): void => {
  expect(actual.shape).toEqual(expected.shape)
  expect(actual.data.length).toBe(expected.data.length)
  Array.from(expected.data, (wanted, i) => {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(wanted))) - 52)
    expect(Math.abs((actual.data[i] as number) - wanted)).toBeLessThanOrEqual(Math.max(units * unit, absolute))
  })
}

describe('a key', () => {
  test('is plain data: structuredClone and JSON keep it, and it draws the same', () => {
    fc.assert(
      fc.property(aKey, (key) => {
        expect(structuredClone(key)).toBe(key)
        expect(JSON.parse(JSON.stringify({ key }))).toStrictEqual({ key })
        expect(isKey(key)).toBe(true)
      })
    )
  })

  test('of another seed is another', () => {
    fc.assert(fc.property(aSeed, aSeed, (a, b) => (random.key(a) === random.key(b)) === (a === b)))
  })

  test('of −0 is that of 0', () => {
    expect(random.key(-0)).toBe(random.key(0))
  })

  test('is split into keys that differ from each other and from it', () => {
    fc.assert(
      fc.property(aKey, fc.nat(50), (key, n) => {
        const keys = random.split(key, n)
        expect(keys).toHaveLength(n)
        expect(new Set([key, ...keys]).size).toBe(n + 1)
      })
    )
  })

  test('is split as numbers are folded in: split(key, n)[i] is foldIn(key, i)', () => {
    fc.assert(
      fc.property(aKey, fc.nat(20), (key, n) => {
        expect(random.split(key, n)).toStrictEqual(Array.from({ length: n }, (_, i) => random.foldIn(key, i)))
      })
    )
    expect(random.split(random.key(0))).toHaveLength(2)
  })

  test('gives another key for every number folded in', () => {
    const aWord = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(aKey, aWord, aWord, (key, a, b) => (random.foldIn(key, a) === random.foldIn(key, b)) === (a === b))
    )
  })
})

describe('draws', () => {
  const rows = Object.entries(samplers)

  test.each(rows)('%s: the same key gives the same numbers, in arrays of their own', (_, sampler) => {
    fc.assert(
      fc.property(aKey, aShape, fc.constantFrom(...DTYPES), (key, shape, dtype) => {
        const [a, b] = [sampler(key, shape, { dtype }), sampler(key, shape, { dtype })]
        expect(a).toStrictEqual(b)
        expect(a.data.buffer).not.toBe(b.data.buffer)
        expect(a.dtype).toBe(dtype)
        expect(a.shape).toStrictEqual(shape)
        expect(a.shape).not.toBe(shape)
        expect(a.data).toHaveLength(sizeOf(shape))
      })
    )
  })

  test.each(rows)('%s: an element depends on its place in row-major order alone', (_, sampler) => {
    fc.assert(
      fc.property(aKey, aShape, fc.nat(40), fc.constantFrom(...DTYPES), (key, shape, more, dtype) => {
        const n = sizeOf(shape)
        const long = sampler(key, [n + more], { dtype })
        expect(sampler(key, shape, { dtype }).data).toStrictEqual(long.data.slice(0, n))
      })
    )
  })

  test('uniform numbers stay between their ends', () => {
    const anEnd = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(aKey, anEnd, anEnd, fc.constantFrom(...DTYPES), (key, a, b, dtype) => {
        const [minval, maxval] = [Math.min(a, b), Math.max(a, b)]
        const round = dtype === 'float32' ? Math.fround : Number
        for (const x of random.uniform(key, [33], { dtype, minval, maxval }).data) {
          expect(x).toBeGreaterThanOrEqual(round(minval))
          expect(x).toBeLessThanOrEqual(round(maxval))
        }
      })
    )
  })

  test('uniform numbers of [0, 1) are never 1', () => {
    fc.assert(
      fc.property(aKey, fc.constantFrom(...DTYPES), (key, dtype) => {
        const { data } = random.uniform(key, [100], { dtype })
        expect([...data].every((x) => x >= 0 && x < 1)).toBe(true)
      })
    )
  })

  test('uniform float64 numbers are a + (b − a) ν rounded once', () => {
    // Ends with many digits, so that the product is not exact; the sum of fractions is computed in whole numbers.
    fc.assert(
      fc.property(aKey, fc.integer({ min: 1, max: 2 ** 52 }), fc.integer({ min: -(2 ** 52), max: 0 }), (key, b, a) => {
        const { data } = random.uniform(key, [8], { dtype: 'float64', minval: a, maxval: b })
        const units = random.uniform(key, [8], { dtype: 'float64' }).data
        data.forEach((x, i) => {
          const numerator = BigInt((units[i] as number) * 2 ** 52) * BigInt(b - a) + (BigInt(a) << 52n)
          expect(x).toBe(roundedQuotient(numerator, 52n))
        })
      })
    )
  })

  test('bernoulli numbers are ones with probability p: none for 0, all for 1', () => {
    fc.assert(
      fc.property(aKey, fc.constantFrom(...DTYPES), (key, dtype) => {
        expect(new Set(random.bernoulli(key, [50], { dtype, p: 0 }).data)).toStrictEqual(new Set([0]))
        expect(new Set(random.bernoulli(key, [50], { dtype, p: 1 }).data)).toStrictEqual(new Set([1]))
      })
    )
    // Of this key the uniform number is 0.
    expect(random.bernoulli(random.key(780_233), [], { p: 0 }).data[0]).toBe(0)
  })

  test.each([
    // Six standard errors of 40 000 numbers: a right generator fails once in 10⁸ runs.
    ['uniform', random.uniform, 1 / 2, 1 / 12, 1 / 80],
    ['normal', random.normal, 0, 1, 3],
    ['gumbel', random.gumbel, 0.5772156649, Math.PI ** 2 / 6, (27 / 5) * (Math.PI ** 2 / 6) ** 2],
    ['bernoulli', random.bernoulli, 1 / 2, 1 / 4, 1 / 16],
    ['gamma', samplers.gamma, 0.7, 0.7, 3 * 0.7 * 0.7 + 6 * 0.7],
    ['beta', samplers.beta, 1 / 2, 1 / 20, 15 / 2800]
  ] as const)('%s: mean and variance are what they must be', (_, sampler, mean, variance, fourth) => {
    const n = 40_000
    fc.assert(
      fc.property(aKey, fc.constantFrom(...DTYPES), (key, dtype) => {
        const numbers = [...sampler(key, [n], { dtype }).data]
        const average = numbers.reduce((total, x) => total + x, 0) / n
        const spread = numbers.reduce((total, x) => total + (x - mean) ** 2, 0) / n
        expect(Math.abs(average - mean)).toBeLessThan(6 * Math.sqrt(variance / n))
        expect(Math.abs(spread - variance)).toBeLessThan(6 * Math.sqrt((fourth - variance ** 2) / n) + 1e-9)
      }),
      { numRuns: 5 }
    )
  })

  test('keys that were split draw numbers that do not go together', () => {
    const n = 40_000
    fc.assert(
      fc.property(aKey, (key) => {
        const [a, b] = random.split(key).map((part) => random.normal(part, [n]).data) as [Float32Array, Float32Array]
        const covariance = a.reduce((total, x, i) => total + x * (b[i] as number), 0) / n
        expect(Math.abs(covariance)).toBeLessThan(6 / Math.sqrt(n))
      }),
      { numRuns: 5 }
    )
  })

  test('are leaves like any other', () => {
    const x = random.normal(random.key(1), [3, 2])
    expect(read(sum(x))).toBeCloseTo(
      [...x.data].reduce((total, e) => total + e, 0),
      5
    )
    expect(force(mul(2, random.normal(random.key(1), [])))).toMatchObject({ shape: [] })
  })

  test('a million normal numbers take well under a second', () => {
    random.normal(random.key(0), [10_000])
    const start = performance.now()
    random.normal(random.key(0), [1_000_000])
    // A third of a second on a slow machine; the rest is for a busy one.
    expect(performance.now() - start).toBeLessThan(3000)
  })
})

/** A whole number divided by a power of 2, rounded to the nearest float64, ties to even. */
const roundedQuotient = (numerator: bigint, power: bigint): number => Number(numerator) / 2 ** Number(power)

describe('a permutation', () => {
  test('has every number once', () => {
    fc.assert(
      fc.property(aKey, fc.nat(2000), (key, n) => {
        expect(random.permutation(key, n).sort()).toStrictEqual(Uint32Array.from({ length: n }, (_, i) => i))
      })
    )
  })

  test('takes each order of three as often', () => {
    fc.assert(
      fc.property(aKey, (key) => {
        const counts = new Map<string, number>()
        for (const part of random.split(key, 6000)) {
          const order = random.permutation(part, 3).join()
          counts.set(order, (counts.get(order) ?? 0) + 1)
        }
        expect(counts.size).toBe(6)
        // Six standard deviations of a count of 1000.
        for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(1000 * (5 / 6)))
      }),
      { numRuns: 3 }
    )
  })
})

describe('misuse is refused', () => {
  const key = random.key(0)
  const none = 'key must be made by random.key, got'
  const word = 'must be a whole number from 0 to 2³² − 1, got'
  const wrong =
    (f: (...parts: never[]) => unknown, ...parts: unknown[]) =>
    () =>
      f(...(parts as never[]))
  test.each([
    ['key: seed must be a whole number, got 0.5', wrong(random.key, 0.5)],
    ['key: seed must be a whole number, got NaN', wrong(random.key, Number.NaN)],
    ['key: seed must be a whole number, got Infinity', wrong(random.key, Infinity)],
    ['key: seed must be a whole number, got 9007199254740992', wrong(random.key, 2 ** 53)],
    ['key: seed must be a whole number, got "0"', wrong(random.key, '0')],
    ['key: seed must be a whole number, got 3n', wrong(random.key, 3n)],
    [`split: ${none} 0`, wrong(random.split, 0)],
    [`split: n ${word} -1`, wrong(random.split, key, -1)],
    [`split: n ${word} 1.5`, wrong(random.split, key, 1.5)],
    [`split: n ${word} 4294967296`, wrong(random.split, key, 2 ** 32)],
    [`foldIn: ${none} "key"`, wrong(random.foldIn, 'key', 1)],
    [`foldIn: data ${word} -1`, wrong(random.foldIn, key, -1)],
    [`foldIn: data ${word} 4294967296`, wrong(random.foldIn, key, 2 ** 32)],
    [`normal: ${none} "threefry2x32:000000000000000G"`, wrong(random.normal, 'threefry2x32:000000000000000G', [1])],
    [`bits: ${none} undefined`, wrong(random.bits, undefined, [1])],
    ['bits: shape must be an array of whole numbers ≥ 0, got 3', wrong(random.bits, key, 3)],
    ['normal: shape must be an array of whole numbers ≥ 0, got [2, -1]', wrong(random.normal, key, [2, -1])],
    ['uniform: shape must be an array of whole numbers ≥ 0, got [0.5]', wrong(random.uniform, key, [0.5])],
    [
      'gumbel: shape must hold fewer than 2³² elements, got [65536, 65536]',
      wrong(random.gumbel, key, [65_536, 65_536])
    ],
    [
      'normal: dtype must be one of "float32", "float64", got "bfloat16"',
      wrong(random.normal, key, [1], { dtype: 'bfloat16' })
    ],
    [
      'gumbel: dtype must be one of "float32", "float64", got "int32"',
      wrong(random.gumbel, key, [1], { dtype: 'int32' })
    ],
    ['normal: there is no option mean; there are dtype', wrong(random.normal, key, [1], { mean: 3 })],
    ['uniform: minval must be a finite number, got NaN', wrong(random.uniform, key, [1], { minval: Number.NaN })],
    [
      'uniform: maxval − minval must be ≥ 0 and finite in float32, got 1 − 2',
      wrong(random.uniform, key, [1], { minval: 2 })
    ],
    [
      'uniform: maxval − minval must be ≥ 0 and finite in float32, got 1e+39 − 0',
      wrong(random.uniform, key, [1], { maxval: 1e39 })
    ],
    ['uniform: dtype must be one of "float32", "float64", got 32', wrong(random.uniform, key, [1], { dtype: 32 })],
    ['bernoulli: p must be in [0, 1], got 1.5', wrong(random.bernoulli, key, [1], { p: 1.5 })],
    [
      'bernoulli: dtype must be one of "float32", "float64", got "f"',
      wrong(random.bernoulli, key, [1], { dtype: 'f' })
    ],
    ['gamma: a must be a finite number > 0, got 0', wrong(random.gamma, key, 0, [1])],
    ['loggamma: a must be a finite number > 0, got -1', wrong(random.loggamma, key, -1, [1])],
    ['beta: b must be a finite number > 0, got Infinity', wrong(random.beta, key, 1, Infinity, [1])],
    ['beta: dtype must be one of "float32", "float64", got "f"', wrong(random.beta, key, 1, 1, [1], { dtype: 'f' })],
    [`gamma: ${none} 0`, wrong(random.gamma, 0, 1, [1])],
    [`permutation: n ${word} -1`, wrong(random.permutation, key, -1)],
    [`permutation: ${none} null`, wrong(random.permutation, null, 3)]
  ] as const)('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })
})

test('the type of a draw tells its dtype', () => {
  const key: Key = random.key(0)
  const narrow: Float32Array = random.normal(key, [1]).data
  const wide: Float64Array = random.uniform(key, [1], { dtype: 'float64', maxval: 2 }).data
  const [a, b]: readonly [Key, Key] = random.split(key)
  expect([narrow.length, wide.length, a === b]).toStrictEqual([1, 1, false])
  // @ts-expect-error -- a text is no key
  expect(() => random.normal('0', [1])).toThrow(InvalidOption)
})
