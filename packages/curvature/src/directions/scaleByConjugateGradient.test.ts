import fc from 'fast-check'
import { type AnyGradientTransformation, chain, ndarray, scale } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { addScaled, dotOf, minus, normOf, times } from '../internal/vectors.js'
import type { ConjugateGradientBeta } from '../methods/conjugateGradient.js'
import { scaleByConjugateGradient } from './scaleByConjugateGradient.js'

const kinds: readonly ConjugateGradientBeta[] = ['polakRibiere', 'fletcherReeves', 'hagerZhang']

const emitted = (beta: ConjugateGradientBeta, gradients: readonly Float64Array[]): readonly Float64Array[] => {
  const tx = scaleByConjugateGradient({ beta })
  const params = new Float64Array(3)
  let state = tx.init(params)
  return gradients.map((g) => {
    const [u, next] = tx.update(g, state, params)
    state = next
    return u
  })
}

/** The definition, without state: what came before is computed anew. */
const defined = (beta: ConjugateGradientBeta, gradients: readonly Float64Array[]): Float64Array => {
  const g = gradients[gradients.length - 1] as Float64Array
  if (gradients.length === 1) return g
  const before = gradients[gradients.length - 2] as Float64Array
  const d = times(-1, defined(beta, gradients.slice(0, -1)))
  const y = minus(g, before)
  const size = dotOf(before, before)
  const share = {
    polakRibiere: () => Math.max(0, dotOf(g, y) / size),
    fletcherReeves: () => dotOf(g, g) / size,
    hagerZhang: () => {
      const curve = dotOf(d, y)
      if (!(curve > 0)) return 0
      const inner = addScaled(y, (-2 * dotOf(y, y)) / curve, d)
      return Math.max(dotOf(inner, g) / curve, -1 / (normOf(d) * Math.min(0.01, normOf(before))))
    }
  }[beta]()
  const u = addScaled(g, -share, d)
  return dotOf(u, g) > 0 ? u : g
}

const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 })
  .filter((x) => x.some((xi) => xi !== 0))
  .map((x) => Float64Array.from(x))
const paths = fc.array(vector, { minLength: 1, maxLength: 4 })

describe.each(kinds)('%s', (beta) => {
  test('agrees with its definition', () => {
    fc.assert(
      fc.property(paths, (gradients) => {
        const wanted = defined(beta, gradients)
        const size = normOf(wanted)
        emitted(beta, gradients)[gradients.length - 1]?.forEach((u, i) => {
          // Sums are in another order; differences of sums that cancel are told apart by the size of all.
          expect(Math.abs(u - (wanted[i] ?? 0))).toBeLessThanOrEqual(1e-9 * Math.max(1, size))
        })
      })
    )
  })

  test('goes down: uᵀg > 0', () => {
    fc.assert(
      fc.property(paths, (gradients) => {
        emitted(beta, gradients).forEach((u, i) => {
          expect(dotOf(u, gradients[i] as Float64Array)).toBeGreaterThan(0)
        })
      })
    )
  })

  test('the first update is the gradient, and so is one after gradients of 0', () => {
    const [zero, g] = [new Float64Array(3), Float64Array.from([1, -2, 0.5])]
    expect(emitted(beta, [g])[0]).toStrictEqual(g)
    expect(emitted(beta, [zero, zero, g])[2]).toStrictEqual(g)
  })
})

test.each(['polakRibiere', 'fletcherReeves'] as const)(
  '%s: gradients scaled by c have directions scaled by c',
  (beta) => {
    fc.assert(
      fc.property(paths, fc.constantFrom(0.25, 2, 1024), (gradients, c) => {
        const scaled = emitted(
          beta,
          gradients.map((g) => times(c, g))
        )
        emitted(beta, gradients).forEach((u, i) => {
          expect(scaled[i]).toStrictEqual(times(c, u))
        })
      })
    )
  }
)

test('refuses a beta that there is not', () => {
  expect(() => scaleByConjugateGradient({ beta: 'dy' as never })).toThrow(
    'scaleByConjugateGradient: beta must be one of "polakRibiere", "fletcherReeves", "hagerZhang", got "dy"'
  )
})

test('a direction larger than the largest float16 is rounded at the end of the chain, when a rate has made it small', () => {
  const float16 = (x: number) => ndarray([x], [1], 'float16')
  const second = (tx: AnyGradientTransformation) => {
    const [first, params] = [float16(2 ** -24), float16(0)]
    return tx.update(float16(1), tx.update(first, tx.init(params), params)[1], params)[0]
  }
  // β is the inverse of 2⁻⁴⁸, and u = 1 + 2⁴⁸ 2⁻²⁴.
  expect(second(scaleByConjugateGradient())).toStrictEqual(float16(Infinity))
  expect(second(chain(scaleByConjugateGradient(), scale(2 ** -20)))).toStrictEqual(float16(16))
})
