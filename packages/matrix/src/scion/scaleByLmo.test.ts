import { applyUpdates, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import { type Case, distance, matrices } from '../internal/testing.js'
import { type ScaleByLmoOptions, scaleByLmo } from './scaleByLmo.js'
import { scion } from './scion.js'

const sane = matrices.filter(({ data }) => data.every((x) => x === 0 || (Math.abs(x) > 1e-9 && Math.abs(x) < 1e9)))

const emitted = ({ rows, columns, data }: Case, options: ScaleByLmoOptions): Float64Array => {
  const g = { w: ndarray(data.slice(), [rows, columns]) }
  return scaleByLmo({ eps: 0, ...options }).update(g, {}, g)[0].w.data
}

const lengths = ({ rows, columns }: Case, data: ArrayLike<number>, of: 'rows' | 'columns'): readonly number[] =>
  Array.from({ length: of === 'rows' ? rows : columns }, (_, j) =>
    Math.hypot(
      ...Array.from({ length: of === 'rows' ? columns : rows }, (_, i) =>
        of === 'rows' ? (data[j * columns + i] as number) : (data[i * columns + j] as number)
      )
    )
  )

/** The norms of the paper, of a matrix that maps its rows to its columns. */
const norms = {
  spectral: (a: Case, data: Float64Array) =>
    Math.sqrt(a.rows / a.columns) * (svdOf(data.slice(), a.rows, a.columns).s[0] as number),
  colNorm: (a: Case, data: Float64Array) => Math.max(...lengths(a, data, 'rows')) / Math.sqrt(a.columns),
  rowNorm: (a: Case, data: Float64Array) => Math.max(...lengths(a, data, 'columns')) * Math.sqrt(a.rows),
  sign: (_: Case, data: Float64Array) => Math.max(...Array.from(data, Math.abs)),
  biasRms: (_: Case, data: Float64Array) => Math.hypot(...data) / Math.sqrt(data.length)
}
/** Every case is a matrix of its own form, for which kernels are compiled. */
const FEWER = { numRuns: 40 }

const kinds = Object.keys(norms) as (keyof typeof norms)[]

describe.each(kinds)('%s', (norm) => {
  test('the norm of an update is the radius, that of zeros 0', () => {
    fc.assert(
      fc.property(sane, fc.constantFrom(1, 0.1, 50), (a, radius) => {
        const u = emitted(a, { norm, radius, method: 'svd' })
        const wanted = a.data.every((x) => x === 0) && norm !== 'spectral' ? 0 : radius
        expect(norms[norm](a, u) / radius).toBeCloseTo(wanted / radius, 9)
      }),
      FEWER
    )
  })

  test('no other point of the ball is farther along the gradient', () => {
    fc.assert(
      fc.property(sane, fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (a, stream) => {
        const along = (x: ArrayLike<number>): number => a.data.reduce((total, g, k) => total + g * (x[k] as number), 0)
        const best = along(emitted(a, { norm, method: 'svd' }))
        const other = Float64Array.from({ length: a.data.length }, () => stream.next().value as number)
        const size = norms[norm](a, other)
        fc.pre(size > 1e-6)
        expect(along(other) / size).toBeLessThanOrEqual(best + 1e-9 * Math.abs(best) + 1e-12)
      }),
      FEWER
    )
  })

  test('is blind to scale, and odd', () => {
    fc.assert(
      fc.property(sane, (a) => {
        const other = emitted({ ...a, data: a.data.map((x) => -8 * x) }, { norm, preconditioning: 'schatten' })
        expect(
          distance(
            other.map((x) => -x),
            emitted(a, { norm, preconditioning: 'schatten' })
          )
        ).toBeLessThan(1e-9)
      }),
      FEWER
    )
  })
})

test('what is no matrix is divided by its root mean square, or made signs', () => {
  const g = { b: new Float64Array([3, -4, 0, 0]), c: -7, none: new Float32Array(0) }
  const [u] = scaleByLmo({ radius: 2, eps: 0 }).update(g, {}, g)
  expect(u).toStrictEqual({ b: new Float64Array([2.4, -3.2, 0, 0]), c: -2, none: new Float32Array(0) })
  const [v] = scaleByLmo({ radius: 2, norm: 'sign' }).update(g, {}, g)
  expect(v).toStrictEqual({ b: new Float64Array([2, -2, 0, 0]), c: -2, none: new Float32Array(0) })
})

test('the kernel of a convolution is one matrix by its dimension numbers', () => {
  const data = Float64Array.from({ length: 24 }, (_, k) => Math.cos(k * k))
  const kernel = { w: ndarray(data, [2, 3, 4]) }
  for (const norm of kinds) {
    const options = { norm, weightDimensionNumbers: { reductionAxis: [0, 1], outputAxis: 2 } }
    const [u] = scaleByLmo(options).update(kernel, {}, kernel)
    const flat = { w: ndarray(data.slice(), [6, 4]) }
    expect(distance(u.w.data, scaleByLmo({ norm }).update(flat, {}, flat)[0].w.data)).toBeLessThan(1e-14)
  }
})

describe('scion', () => {
  test('moves by the learning rate times the radius along the momentum', () => {
    const tx = scion(0.1, { norm: 'sign', radius: 3, beta: 0.5 })
    const params = { w: new Float64Array(2) }
    const [first, state] = tx.update({ w: new Float64Array([1, -1]) }, tx.init(params), params)
    expect(distance(first.w, [-0.3, 0.3])).toBeLessThan(1e-15)
    // The momentum (0.5, −0.5) and now (−0.25 + …): 0.5 · 0.5 − 0.5 · 3 < 0, and −0.25 + 0.05 < 0.
    const [second] = tx.update({ w: new Float64Array([-3, 0.1]) }, state, params)
    expect(distance(second.w, [0.3, 0.3])).toBeLessThan(1e-15)
  })

  test.each(kinds)('constrained, params stay in the ball of %s', (norm) => {
    fc.assert(
      fc.property(fc.array(sane, { minLength: 1, maxLength: 4 }), (gradients) => {
        const [a] = gradients as [Case]
        const tx = scion(0.7, { norm, radius: 2, constrained: true, method: 'svd' })
        let params = { w: ndarray(new Float64Array(a.data.length), [a.rows, a.columns]) }
        let state = tx.init(params)
        for (const { data } of gradients) {
          const g = {
            w: ndarray(
              Float64Array.from(a.data, (_, k) => data[k % data.length] as number),
              [a.rows, a.columns]
            )
          }
          const [u, next] = tx.update(g, state, params)
          params = applyUpdates(params, u)
          state = next
        }
        expect(norms[norm](a, params.w.data)).toBeLessThanOrEqual(2 + 1e-9)
      }),
      FEWER
    )
  })
})

test.each<readonly [ScaleByLmoOptions, string]>([
  [
    { norm: 'nuclear' as never },
    'scaleByLmo: norm must be one of "spectral", "colNorm", "rowNorm", "sign", "biasRms", got'
  ],
  [{ radius: 0 }, 'scaleByLmo: radius must be a finite number > 0, got 0'],
  [{ steps: 0 }, 'scaleByLmo: steps must be a whole number ≥ 1, got 0']
])('refuses %o', (options, message) => {
  expect(() => scaleByLmo(options)).toThrow(message)
  expect(() => scion(0.1, options)).toThrow(message)
})

test('scion refuses a constrained that is no boolean, and a beta of 1', () => {
  expect(() => scion(0.1, { constrained: 1 as never })).toThrow('scion: constrained must be true or false, got 1')
  expect(() => scion(0.1, { beta: 1 })).toThrow('must be in [0, 1), got 1')
})
