import { dot, force, grad, type Leaf, mul, type Operand, random, read, sum, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { type MakePerturbedFunOptions, makePerturbedFun } from './makePerturbedFun.js'

const key = random.key(3)
const numbersOf = (values: unknown): readonly number[] =>
  tree
    .leaves(force(values as Tree) as Tree<Leaf>)
    .flatMap((leaf) => (typeof leaf === 'number' ? [leaf] : 'shape' in leaf ? [...leaf.data] : [...leaf]))

/** A 1 at the place of the largest element. */
const largest = (x: Float64Array): Float64Array => {
  const most = Math.max(...x)
  return x.map((xi) => (xi === most ? 1 : 0))
}

const softmax = (x: readonly number[]): readonly number[] => {
  const parts = x.map(Math.exp)
  const whole = parts.reduce((a, b) => a + b, 0)
  return parts.map((part) => part / whole)
}

describe('makePerturbedFun', () => {
  test('makes softmax of the place of the largest element, with its derivative', () => {
    const x = [0.5, -0.25, 0.75]
    const soft = makePerturbedFun(largest, { numSamples: 4000, sigma: 0.5 })
    const at = Float64Array.from(x)
    const wanted = softmax(x.map((xi) => xi / 0.5))
    // Six standard errors of a share.
    numbersOf(soft(key, at)).forEach((share, i) => {
      expect(Math.abs(share - (wanted[i] as number))).toBeLessThan(6 * Math.sqrt(0.25 / 4000))
    })
    const gradient = grad((p: Operand) => dot(soft(key, p), new Float64Array([1, 0, 0])))(at) as Float64Array
    const [first = 0] = wanted
    wanted.forEach((share, j) => {
      const exact = (first * ((j === 0 ? 1 : 0) - share)) / 0.5
      expect(Math.abs((gradient[j] as number) - exact)).toBeLessThan(0.12)
    })
  })

  test('is the mean of what the function gives at places nearby, which the keys and the noise decide', () => {
    const f = ({ a, b }: { readonly a: Float64Array; readonly b: number }) => ({ s: a.map((x) => x * x), t: b })
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('normal' as const, 'gumbel' as const), (seed, noise) => {
        const inputs = { a: new Float64Array([1, -2]), b: 3 }
        const smooth = makePerturbedFun(f, { numSamples: 4, sigma: 0.5, noise })
        const sums = [0, 0, 0]
        for (const own of random.split(random.key(seed), 4)) {
          const z = numbersOf(tree.randomLike(own, inputs, { sampler: random[noise] }))
          ;[1, -2, 3].forEach((x, i) => {
            const y = x + 0.5 * (z[i] as number)
            sums[i] = (sums[i] as number) + (i < 2 ? y * y : y)
          })
        }
        numbersOf(smooth(random.key(seed), inputs)).forEach((x, i) =>
          expect(x).toBeCloseTo((sums[i] as number) / 4, 10)
        )
      })
    )
  })

  test('has the derivative of the score, with a baseline or without', () => {
    const f = (x: Float64Array) => x.reduce((s, xi) => s + Math.abs(xi), 0)
    const x = [0.3, -0.1]
    for (const useBaseline of [true, false]) {
      const smooth = makePerturbedFun(f, { numSamples: 5, sigma: 0.5, noise: 'normal', useBaseline })
      const found = grad((p: Operand) => smooth(key, p))(Float64Array.from(x)) as Float64Array
      const wanted = [0, 0]
      for (const own of random.split(key, 5)) {
        const z = numbersOf(tree.randomLike(own, new Float64Array(2)))
        const value = f(Float64Array.from(x, (xi, i) => xi + 0.5 * (z[i] as number))) - (useBaseline ? 0.4 : 0)
        z.forEach((zi, i) => {
          // The normal density falls by z, of which x takes 1/σ.
          wanted[i] = (wanted[i] as number) + (value * zi) / 0.5 / 5
        })
      }
      wanted.forEach((w, i) => expect(found[i]).toBeCloseTo(w, 10))
    }
  })

  test('gives the same number whether or not it is differentiated, and no derivative to a constant', () => {
    const constant = makePerturbedFun((_: Float64Array) => 7, { numSamples: 10 })
    const none = grad((p: Operand) => constant(key, p))(new Float64Array([1, 2]))
    // Of either sign.
    expect(numbersOf(none).map(Math.abs)).toStrictEqual([0, 0])
    const smooth = makePerturbedFun((x: Float64Array) => x[0] as number, { numSamples: 10 })
    const x = new Float64Array([1])
    expect(read(smooth(key, mul(1, x)))).toBe(read(smooth(key, x)))
  })

  test('takes noise of your own', () => {
    const none = { sampler: random.normal, logProb: (z: Operand) => mul(0, z) }
    const smooth = makePerturbedFun((x: Float64Array) => x[0] as number, { numSamples: 3, noise: none })
    expect(grad((p: Operand) => smooth(key, p))(new Float64Array([1]))).toStrictEqual(new Float64Array(1))
  })

  test('does not let the function write to what it is given', () => {
    const x = new Float64Array([1, 2])
    const smooth = makePerturbedFun(
      (given: Float64Array) => {
        given.fill(0)
        return 1
      },
      { numSamples: 2 }
    )
    grad((p: Operand) => sum(smooth(key, p)))(x)
    expect(x).toStrictEqual(new Float64Array([1, 2]))
  })

  const make = (options: object) => () => makePerturbedFun((x) => x, options as MakePerturbedFunOptions)
  refuses([
    ['makePerturbedFun: numSamples must be a whole number ≥ 1, got 0', make({ numSamples: 0 })],
    ['makePerturbedFun: sigma must be a finite number > 0, got 0', make({ sigma: 0 })],
    [
      'makePerturbedFun: noise must be "gumbel", "normal" or an object { sampler, logProb } of functions, got "uniform"',
      make({ noise: 'uniform' })
    ],
    ['makePerturbedFun: useBaseline must be true or false, got 1', make({ useBaseline: 1 })],
    ['split: key must be made by random.key, got 0', () => makePerturbedFun((x) => x)(0 as never, [1])]
  ])
})
