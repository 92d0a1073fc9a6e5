import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ScaleByOnlineNewtonOptions, scaleByOnlineNewton } from './scaleByOnlineNewton.js'

type Vector = readonly number[]

/** x with a x = b, by elimination; a is positive definite. */
const solved = (a: readonly Vector[], b: Vector): Vector => {
  const rows = a.map((row, i) => [...row, b[i] as number])
  rows.forEach((pivot, k) => {
    rows.forEach((row, i) => {
      if (i === k) return
      const factor = (row[k] as number) / (pivot[k] as number)
      pivot.forEach((x, j) => {
        row[j] = (row[j] as number) - factor * x
      })
    })
  })
  return rows.map((row, i) => (row[row.length - 1] as number) / (row[i] as number))
}

const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

const someGradients = fc.integer({ min: 1, max: 5 }).chain((n) =>
  fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n, maxLength: n }), {
    minLength: 1,
    maxLength: 6
  })
)

const emitted = (gradients: readonly Vector[], options: ScaleByOnlineNewtonOptions = {}): readonly Vector[] => {
  const tx = scaleByOnlineNewton(options)
  const params = { w: new Float64Array(gradients[0]?.length ?? 0) }
  let state = tx.init(params)
  return gradients.map((g) => {
    const [u, next] = tx.update({ w: Float64Array.from(g) }, state, params)
    state = next
    return [...u.w]
  })
}

describe('scaleByOnlineNewton', () => {
  test('solves with eps I and the outer products of all gradients', () => {
    fc.assert(
      fc.property(someGradients, fc.constantFrom(0.5, 1, 4), (gradients, eps) => {
        emitted(gradients, { eps }).forEach((u, t) => {
          const seen = gradients.slice(0, t + 1)
          const last = seen[t] as Vector
          const a = last.map((_, i) =>
            last.map((_, j) => seen.reduce((sum, g) => sum + (g[i] as number) * (g[j] as number), i === j ? eps : 0))
          )
          solved(a, last).forEach((x, i) => expect(u[i]).toBeCloseTo(x, 10))
        })
      })
    )
  })

  test('has as much along its gradients as the logarithm of the determinant grows', () => {
    fc.assert(
      fc.property(someGradients, (gradients) => {
        // det Aₜ / det Aₜ₋₁ is 1 / (1 − gᵀ u).
        const gains = emitted(gradients).map((u, t) => dot(u, gradients[t] as Vector))
        const growth = gains.reduce((sum, gain) => sum - Math.log(1 - gain), 0)
        expect(gains.reduce((sum, gain) => sum + gain, 0)).toBeLessThanOrEqual(growth + 1e-12)
        const [n, squares] = [gradients[0]?.length as number, gradients.reduce((sum, g) => sum + dot(g, g), 0)]
        // The determinant is largest where all eigenvalues are the same.
        expect(growth).toBeLessThanOrEqual(n * Math.log(1 + squares / n) + 1e-9)
      })
    )
  })

  test('is g / (eps + Σ g²) for a number, and in each direction of its own', () => {
    const tx = scaleByOnlineNewton({ eps: 2 })
    const params = { n: 1, w: ndarray(new Float64Array(2), [1, 2]) }
    let state = tx.init(params)
    let u: typeof params
    ;[u, state] = tx.update({ n: 3, w: ndarray(new Float64Array([3, 0]), [1, 2]) }, state, params)
    expect(u.n).toBeCloseTo(3 / 11, 14)
    ;[u, state] = tx.update({ n: -1, w: ndarray(new Float64Array([0, -1]), [1, 2]) }, state, params)
    expect(u.n).toBeCloseTo(-1 / 12, 14)
    expect(u.w.shape).toStrictEqual([1, 2])
    expect(u.w.data[0]).toBeCloseTo(0, 14)
    expect(u.w.data[1]).toBeCloseTo(-1 / 3, 14)
  })

  test('rotates with its gradients', () => {
    const [c, s] = [0.6, 0.8]
    const rotated = ([x = 0, y = 0]: Vector): Vector => [c * x - s * y, s * x + c * y]
    const pairs = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
      minLength: 1,
      maxLength: 5
    })
    fc.assert(
      fc.property(pairs, (gradients) => {
        const there = emitted(gradients.map(rotated))
        emitted(gradients).forEach((u, t) => rotated(u).forEach((x, i) => expect(there[t]?.[i]).toBeCloseTo(x, 12)))
      })
    )
  })

  test('keeps one matrix for each leaf, in float32 where params are of 16 bits', () => {
    const params = { half: ndarray([1, 2], [2], 'bfloat16'), wide: new Float64Array(1) }
    expect(scaleByOnlineNewton({ eps: 2 }).init(params)).toStrictEqual({
      inverse: {
        half: ndarray(new Float32Array([0.5, 0, 0, 0.5]), [2, 2]),
        wide: ndarray(new Float64Array([0.5]), [1, 1])
      }
    })
  })

  test.each([0, -1, Number.NaN, Infinity])('refuses eps %s', (eps) => {
    expect(() => scaleByOnlineNewton({ eps })).toThrow('scaleByOnlineNewton: eps must be a finite number > 0, got')
  })
})
