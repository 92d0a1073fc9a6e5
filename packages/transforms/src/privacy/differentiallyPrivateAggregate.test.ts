import {
  chain,
  InvalidTree,
  type Leaf,
  type NdArray,
  ndarray,
  random,
  step,
  type Tree,
  transient,
  tree
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { perExampleGlobalNormClip } from '../clipping/perExampleGlobalNormClip.js'
import { anElement, leafOf } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import {
  type DifferentiallyPrivateAggregateOptions,
  differentiallyPrivateAggregate
} from './differentiallyPrivateAggregate.js'

const COUNT = 3
const params = { b: new Float64Array(2), a: ndarray(new Float64Array(2), [2, 1]), n: 0 }

const someExamples = fc.array(anElement, { minLength: 5 * COUNT, maxLength: 5 * COUNT }).map((xs) => ({
  b: leafOf([COUNT, 2], xs.slice(0, 6)),
  a: leafOf([COUNT, 2, 1], xs.slice(6, 12)),
  n: leafOf([COUNT], xs.slice(12))
}))
const aSeed = fc.maxSafeInteger()

const elements = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : 'shape' in leaf ? [...leaf.data] : [...leaf]
const all = (values: unknown): readonly number[] => tree.leaves(values as Tree<Leaf>).flatMap(elements)

const options = { l2NormClip: 4, noiseMultiplier: 0.5, key: 7 }

/** The first updates. */
const first = (changes: object, perExampleGradients: Tree, updates = params): typeof params => {
  const tx = differentiallyPrivateAggregate({ ...options, ...changes })
  return tx.update(updates, tx.init(params), params, { perExampleGradients })[0]
}

const close = (found: readonly number[], wanted: readonly number[], share = 1e-12): void => {
  const size = Math.max(1, ...wanted.map(Math.abs))
  wanted.forEach((x, i) => expect(Math.abs((found[i] as number) - x)).toBeLessThanOrEqual(share * size))
}

describe('differentiallyPrivateAggregate', () => {
  test('is the mean of shortened gradients and of noise, with a key for each leaf in the order of their names', () => {
    fc.assert(
      fc.property(someExamples, aSeed, (examples, seed) => {
        const tx = differentiallyPrivateAggregate({ ...options, key: seed })
        const [updates, state] = tx.update(params, tx.init(params), params, { perExampleGradients: examples })
        const [next, ofA, ofB, ofN] = random.split(random.key(seed), 4) as random.Key[]
        expect(state).toStrictEqual({ rngKey: next })
        const [sums] = perExampleGlobalNormClip(examples, 4)
        const noise = (key: random.Key | undefined, shape: readonly number[]) =>
          random.normal(key as random.Key, shape, { dtype: 'float64' })
        const noises = { b: noise(ofB, [2]), a: noise(ofA, [2, 1]), n: noise(ofN, []) }
        const drawn = all(noises)
        close(
          all(updates),
          all(sums).map((sum, i) => (sum + 2 * (drawn[i] as number)) / COUNT)
        )
      })
    )
  })

  test('without noise and without a bound is the mean', () => {
    fc.assert(
      fc.property(someExamples, (examples) => {
        const [sums] = perExampleGlobalNormClip(examples, Infinity)
        close(
          all(first({ l2NormClip: Infinity, noiseMultiplier: 0 }, examples)),
          all(sums).map((x) => x / COUNT)
        )
      })
    )
  })

  test('without noise is no longer than the bound', () => {
    fc.assert(
      fc.property(someExamples, fc.constantFrom(0, 0.5, 10), (examples, l2NormClip) => {
        const found = all(first({ l2NormClip, noiseMultiplier: 0 }, examples))
        expect(Math.hypot(...found)).toBeLessThanOrEqual(l2NormClip * (1 + 1e-12))
      })
    )
  })

  test('does not look at the updates, at whatever place of a chain', () => {
    fc.assert(
      fc.property(someExamples, anElement, (examples, x) => {
        const other = { b: new Float64Array([x, 1]), a: ndarray(new Float64Array([x, x]), [2, 1]), n: x }
        expect(first({}, examples, other)).toStrictEqual(first({}, examples))
      })
    )
  })

  test('has noise that does not depend on the examples, in proportion to C σ', () => {
    fc.assert(
      fc.property(someExamples, aSeed, (examples, key) => {
        const still = tree.map((leaf: Leaf) => tree.zerosLike(leaf as Tree) as Leaf, examples) as Tree
        const noise = all(first({ key }, still))
        const none = all(first({ key, noiseMultiplier: 0 }, examples))
        close(
          all(first({ key }, examples)),
          none.map((x, i) => x + (noise[i] as number))
        )
        close(
          all(first({ key, l2NormClip: 8 }, still)),
          noise.map((x) => 2 * x)
        )
        close(
          all(first({ key, noiseMultiplier: 2 }, still)),
          noise.map((x) => 4 * x)
        )
      })
    )
  })

  test('has the standard deviation C σ / B', () => {
    const n = 40_000
    const large = { w: new Float32Array(n) }
    const tx = differentiallyPrivateAggregate({ l2NormClip: 2, noiseMultiplier: 3, key: 5 })
    const perExampleGradients = { w: ndarray(new Float32Array(2 * n), [2, n]) }
    let state = tx.init(large)
    const squares = [0, 0].map(() => {
      const [u, next] = tx.update(large, state, large, { perExampleGradients })
      state = next
      return u.w.reduce((sum, x) => sum + x * x, 0) / n
    })
    // Six standard errors, each √(2/n) of the variance.
    for (const variance of squares) expect(Math.abs(variance / 9 - 1)).toBeLessThan(6 * Math.sqrt(2 / n))
    expect(squares[0]).not.toBe(squares[1])
  })

  test('keeps dtypes and forms, and takes examples of any dtype', () => {
    const like = {
      w: new Float32Array(2),
      scalar: ndarray([1], []),
      number: 3,
      another: 3,
      half: ndarray([1, 2], [2], 'bfloat16'),
      matrix: ndarray([1, 2], [1, 2])
    }
    const perExampleGradients = {
      w: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]),
      scalar: ndarray([1, 2], [2]),
      number: new Float32Array([1, 3]),
      another: ndarray([1, 4], [2]),
      half: ndarray([1, 2, 3, 4], [2, 2], 'bfloat16'),
      matrix: ndarray([1, 2, 3, 4], [2, 1, 2], 'float16')
    }
    const tx = differentiallyPrivateAggregate({ l2NormClip: Infinity, noiseMultiplier: 0, key: 0 })
    const [u] = tx.update(like, tx.init(like), like, { perExampleGradients })
    expect(u).toStrictEqual({
      w: new Float32Array([2, 3]),
      scalar: ndarray([1.5], []),
      number: 2,
      another: 2.5,
      half: ndarray([2, 3], [2], 'bfloat16'),
      matrix: ndarray([2, 3], [1, 2])
    })
  })

  test('makes the same steps in step and in transient', () => {
    const tx = chain(differentiallyPrivateAggregate(options))
    let now = { w: new Float32Array(1000), v: new Float64Array(3) }
    const perExampleGradients = {
      w: ndarray(new Float32Array(2000).fill(0.5), [2, 1000]),
      v: ndarray(new Float64Array(6).fill(2), [2, 3])
    }
    const run = transient(tx, now)
    let state = tx.init(now)
    for (let i = 0; i < 3; i++) {
      const zeros = { w: new Float32Array(1000), v: new Float64Array(3) }
      run.step(zeros, { perExampleGradients })
      ;[now, state] = step(tx, zeros, state, now, { perExampleGradients })
      expect(run.snapshot()).toStrictEqual({ params: now, state })
    }
    run.dispose()
  })

  test.each<[string, Tree]>([
    [
      'differentiallyPrivateAggregate: perExampleGradients.w must have shape [3, 2], has [3]',
      { w: new Float32Array(3) }
    ],
    [
      'differentiallyPrivateAggregate: perExampleGradients.w must have shape [1, 2], has [1, 3]',
      { w: ndarray(new Float32Array(3), [1, 3]) }
    ],
    [
      'differentiallyPrivateAggregate: perExampleGradients.w must have shape [examples, 2], has [0, 2]',
      { w: ndarray(new Float32Array(0), [0, 2]) }
    ],
    [
      'differentiallyPrivateAggregate: perExampleGradients has no "w", grads has it',
      { v: ndarray(new Float32Array(2), [1, 2]) }
    ],
    ['differentiallyPrivateAggregate: perExampleGradients is 3, grads has an object', 3]
  ])('refuses: %s', (message, perExampleGradients) => {
    const tx = differentiallyPrivateAggregate(options)
    const w = { w: new Float32Array(2) }
    const misuse = () => tx.update(w, tx.init(w), w, { perExampleGradients })
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(message)
  })

  test('refuses examples of another number in another leaf', () => {
    const tx = differentiallyPrivateAggregate(options)
    const two = [0, new Float32Array(1)] as const
    const perExampleGradients = [
      new Float32Array(2),
      ndarray(new Float32Array(3), [3, 1])
    ] as readonly NdArray[] as Tree
    expect(() => tx.update(two, tx.init(two), two, { perExampleGradients })).toThrow(
      'differentiallyPrivateAggregate: perExampleGradients[1] must have shape [2, 1], has [3, 1]'
    )
  })

  const make = (changes: object) => () =>
    differentiallyPrivateAggregate({ ...options, ...changes } as DifferentiallyPrivateAggregateOptions)
  const owner = 'differentiallyPrivateAggregate'
  refuses([
    [`${owner}: l2NormClip must be a finite number ≥ 0 where there is noise, got -1`, make({ l2NormClip: -1 })],
    [
      `${owner}: l2NormClip must be a finite number ≥ 0 where there is noise, got Infinity`,
      make({ l2NormClip: Infinity })
    ],
    [`${owner}: l2NormClip must be a number ≥ 0, got NaN`, make({ l2NormClip: Number.NaN, noiseMultiplier: 0 })],
    [`${owner}: noiseMultiplier must be a finite number ≥ 0, got undefined`, make({ noiseMultiplier: undefined })],
    [`${owner}: key must be a key made by random.key or a whole number, got undefined`, make({ key: undefined })],
    [`${owner}: there is no option seed; there are l2NormClip, noiseMultiplier, key`, make({ seed: 1 })],
    [
      `${owner}: perExampleGradients must be a tree like the params, got undefined`,
      // @ts-expect-error -- the gradients of examples are missing
      () => differentiallyPrivateAggregate(options).update([1], { rngKey: random.key(0) }, [1])
    ]
  ])
})
