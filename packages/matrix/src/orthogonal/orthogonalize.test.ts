import { type Expr, force, type NdArray, ndarray, type Value } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { qrOf } from '../internal/qrOf.js'
import { svdOf } from '../internal/svdOf.js'
import { arrayOf, type Case, dataOf, defect, distance, matrices, product, transpose } from '../internal/testing.js'
import { type OrthogonalizeOptions, orthogonalize } from './orthogonalize.js'

/** What becomes of the singular values of a diagonal matrix, which are given so that its norm is 1. */
const composite = (options: OrthogonalizeOptions, ...values: readonly number[]): readonly number[] => {
  const rest = Math.sqrt(1 - values.reduce((total, x) => total + x * x, 0))
  const all = rest > 1e-6 ? [...values, rest] : values
  const n = all.length
  const diagonal = Float64Array.from({ length: n * n }, (_, k) =>
    k % (n + 1) === 0 ? (all[k / (n + 1)] as number) : 0
  )
  const data = dataOf(orthogonalize(ndarray(diagonal, [n, n]), { eps: 0, ...options }))
  return values.map((_, i) => data[i * (n + 1)] as number)
}

test.each<readonly [string, OrthogonalizeOptions, readonly number[]]>([
  ['of Jordan', {}, [0.698917, 0.71212, 0.765439, 0.696436]],
  ['of Dion', { coefficients: 'dion' }, [1.018025, 1.01905, 0.985869, 0.978346]],
  ['of Polar Express', { method: 'polarExpress' }, [1.083954, 0.870373, 0.900989, 0.884542]],
  ['of 8 steps of Polar Express', { method: 'polarExpress', steps: 8 }, [1, 1, 1, 1]]
])('the polynomial %s is that of timm 1.0.29', (_, options, wanted) => {
  expect(distance(composite(options, 0.01, 0.1, 0.5), wanted.slice(0, 3))).toBeLessThan(6e-7)
  expect(distance(composite(options, 1), wanted.slice(3))).toBeLessThan(6e-7)
})

test('of a list that is too short the last are repeated, of one too long the rest is left out', () => {
  const [first, second] = [
    [2, -1.5, 0.5],
    [1.5, -0.5, 0]
  ] as const
  const [x] = composite({ coefficients: [first, second], steps: 3 }, 0.3)
  const apply = ([a, b, c]: readonly [number, number, number], s: number) => a * s + b * s ** 3 + c * s ** 5
  expect(x).toBeCloseTo(apply(second, apply(second, apply(first, 0.3))), 12)
  expect(composite({ coefficients: [first, second], steps: 1 }, 0.3)[0]).toBeCloseTo(apply(first, 0.3), 12)
})

const sane = matrices.filter(
  ({ data }) => data.some((x) => Math.abs(x) > 1e-10) && data.every((x) => Math.abs(x) < 1e10)
)

const unscaled = { eps: 0 } as const

describe.each<OrthogonalizeOptions>([
  {},
  { coefficients: 'dion', preconditioning: 'schatten' },
  { method: 'polarExpress', preconditioning: 'aol' },
  { preconditioning: 'spectral' },
  { gram: true },
  { gram: true, preconditioning: 'aol' }
])('with %o', (options) => {
  const result = (a: Case): ArrayLike<number> => dataOf(orthogonalize(arrayOf(a), { ...unscaled, ...options }))

  test('the transpose becomes the transpose', () => {
    fc.assert(
      fc.property(sane, (a) => {
        const { rows, columns, data } = a
        const other = result({ rows: columns, columns: rows, data: transpose(data, rows, columns) })
        // A square one is iterated on from its other side: the same up to rounding, unless it is not determined.
        fc.pre(options.preconditioning !== 'aol' || rows !== columns)
        expect(distance(transpose(other, columns, rows), result(a))).toBeLessThan(1e-6)
      })
    )
  })

  test('is odd, and blind to scale', () => {
    fc.assert(
      fc.property(sane, (a) => {
        const scaled = result({ ...a, data: a.data.map((x) => -4 * x) })
        expect(
          distance(
            Array.from(scaled, (x) => -x),
            result(a)
          )
        ).toBeLessThan(1e-9)
      })
    )
  })

  test('no singular value leaves the band', () => {
    fc.assert(
      fc.property(sane, (a) => {
        const { rows, columns } = a
        const found = result(a)
        const side = Math.max(...Array.from(found, Math.abs))
        expect(side).toBeLessThan(1.3)
        expect(found.length).toBe(rows * columns)
      })
    )
  })

  test('a stack of matrices is as many matrices', () => {
    const data = Float64Array.from({ length: 24 }, (_, k) => Math.sin(k * k))
    const both = dataOf(orthogonalize(ndarray(data, [2, 3, 4]), options))
    const alone = [0, 12].flatMap((at) => [...dataOf(orthogonalize(ndarray(data.slice(at, at + 12), [3, 4]), options))])
    expect(distance(both, alone)).toBeLessThan(1e-12)
  })
})

test('singular values above 0.002 of the norm come into the band of Jordan, those of 0 stay 0, and vectors stay', () => {
  fc.assert(
    fc.property(sane, ({ rows, columns, data }) => {
      const before = svdOf(data.slice(), rows, columns)
      const norm = Math.hypot(...data)
      const found = dataOf(orthogonalize(ndarray(data, [rows, columns]), unscaled))
      const side = Math.min(rows, columns)
      // Uᵀ X V is diagonal, with what the polynomials make of the singular values.
      const turned = product(transpose(before.u, rows, side), found, side, rows, columns)
      const inside = product(turned, transpose(before.vt, side, columns), side, columns, side)
      inside.forEach((x, k) => {
        const share = (before.s[Math.floor(k / side)] as number) / norm
        if (k % (side + 1) !== 0) expect(Math.abs(x)).toBeLessThan(1e-9)
        else if (share > 0.002) expect(x).toBeGreaterThan(0.67)
        else if (share < 1e-14) expect(Math.abs(x)).toBeLessThan(1e-9)
        if (k % (side + 1) === 0) expect(x).toBeLessThan(1.21)
      })
    })
  )
})

test.each(['frobenius', 'spectral', 'aol', 'schatten'] as const)(
  'by %s, what is huge or tiny is as any other',
  (preconditioning) => {
    const wave = Float64Array.from({ length: 24 }, (_, k) => Math.cos(k * k))
    const options = { preconditioning, eps: 0 }
    for (const shape of [
      [4, 6],
      [2, 4, 3]
    ]) {
      const wanted = dataOf(orthogonalize(ndarray(wave, shape), options))
      for (const scale of [2 ** -1000, 2 ** 1000]) {
        const found = dataOf(
          orthogonalize(
            ndarray(
              wave.map((x) => x * scale),
              shape
            ),
            options
          )
        )
        expect(distance(found, wanted)).toBeLessThan(1e-12)
      }
      const narrow = dataOf(
        orthogonalize(
          ndarray(
            Float32Array.from(wave, (x) => x * 2 ** 120),
            shape
          ),
          options
        )
      )
      expect(distance(narrow, wanted)).toBeLessThan(1e-4)
      expect(dataOf(orthogonalize(ndarray(new Float64Array(24), shape), options)).every((x) => x === 0)).toBe(true)
    }
  }
)

test.each(['aol', 'schatten'] as const)('eps is the least that %s divides the square by', (preconditioning) => {
  const options = { preconditioning, eps: 0.25, steps: 1, coefficients: [1, 0, 0] } as const
  for (const [x, wanted] of [
    [0.1, 0.2],
    [-3, -1]
  ] as const) {
    for (const shape of [
      [1, 1],
      [1, 1, 1]
    ]) {
      const [found] = dataOf(orthogonalize(ndarray(Float64Array.of(x), shape), options))
      expect((found as number) / wanted).toBeCloseTo(1, 12)
    }
  }
})

test('exactly, it is U Vᵀ: orthonormal, and itself when done again', () => {
  fc.assert(
    fc.property(matrices, (a) => {
      const { rows, columns } = a
      const once = dataOf(orthogonalize(arrayOf(a), { method: 'svd' }))
      const wide = rows > columns ? once : transpose(once, rows, columns)
      expect(defect(wide, Math.max(rows, columns), Math.min(rows, columns))).toBeLessThan(1e-12)
      const twice = dataOf(orthogonalize(ndarray(Float64Array.from(once), [rows, columns]), { method: 'svd' }))
      expect(distance(once, twice)).toBeLessThan(1e-12)
    })
  )
})

test('the Gram form is the plain one, where singular values are not tiny', () => {
  const data = Float64Array.from({ length: 40 * 90 }, (_, k) => Math.sin(k * k))
  const x = ndarray(data, [40, 90])
  expect(distance(dataOf(orthogonalize(x)), dataOf(orthogonalize(x, { gram: true })))).toBeLessThan(1e-9)
})

test.each([
  [1e-2, 5e-6, 3e-4],
  [1e-4, 6e-5, 8e-4]
])('in float32, with singular values down to %d, it is off by some 1e-4, and plainly by less', (least, plain, gram) => {
  const [m, n] = [32, 128]
  const wave = (rows: number, columns: number, by: number) =>
    Float64Array.from({ length: rows * columns }, (_, k) => Math.sin(k * k * by + by))
  const u = qrOf(wave(m, m, 0.37), m, m, m).q
  const v = qrOf(wave(n, m, 0.73), n, m, m).q
  const scaled = u.map((x, k) => x * least ** ((k % m) / (m - 1)))
  const a = product(scaled, transpose(v, n, m), m, m, n)
  /** What became of each singular value. */
  const after = (x: NdArray, options: OrthogonalizeOptions): Float64Array => {
    const found = product(product(transpose(u, m, m), dataOf(orthogonalize(x, options)), m, m, n), v, m, n, m)
    return Float64Array.from({ length: m }, (_, k) => found[k * (m + 1)] as number)
  }
  const wanted = after(ndarray(a, [m, n]), {})
  const off = (options: OrthogonalizeOptions): number => {
    const found = after(ndarray(Float32Array.from(a), [m, n]), options)
    return Math.max(...found.map((x, k) => Math.abs(x / (wanted[k] as number) - 1)))
  }
  expect(off({})).toBeLessThan(plain)
  expect(off({ gram: true })).toBeLessThan(gram)
})

test('zeros stay zeros, NaN makes NaN, nothing stays nothing, one number becomes its sign', () => {
  expect(Array.from(dataOf(orthogonalize(ndarray(new Float32Array(6), [2, 3]))))).toStrictEqual([0, 0, 0, 0, 0, 0])
  const spoiled = dataOf(orthogonalize(ndarray(new Float32Array([1, NaN, 2, 3]), [2, 2])))
  expect(spoiled.every(Number.isNaN)).toBe(true)
  expect(dataOf(orthogonalize(ndarray(new Float32Array(0), [0, 3]))).length).toBe(0)
  expect(
    dataOf(orthogonalize(ndarray(new Float64Array([-7]), [1, 1]), { method: 'polarExpress', steps: 8 }))[0]
  ).toBeCloseTo(-1, 12)
})

test('float32 stays float32', () => {
  const made: Value = orthogonalize(ndarray(new Float32Array([1, 2, 3, 4]), [2, 2]))
  expect((made as Expr).dtype).toBe('float32')
  expect(dataOf(made)).toBeInstanceOf(Float32Array)
  expect(force(made)).toMatchObject({ shape: [2, 2] })
})

test.each<readonly [OrthogonalizeOptions, string]>([
  [{ steps: 0 }, 'orthogonalize: steps must be a whole number ≥ 1, got 0'],
  [{ eps: -1 }, 'orthogonalize: eps must be a finite number ≥ 0, got -1'],
  [
    { method: 'qdwh' as never },
    'orthogonalize: method must be one of "newtonSchulz", "polarExpress", "svd", got "qdwh"'
  ],
  [
    { coefficients: [1, 2] as never },
    'orthogonalize: coefficients must be three numbers, a list of such triples, or one of "jordan", "dion", "polarExpress", "polarExpressSafer", got [1, 2]'
  ],
  [{ coefficients: [] }, 'orthogonalize: coefficients must be three numbers'],
  [
    { method: 'svd', coefficients: 'dion' },
    'orthogonalize: coefficients are those of method "newtonSchulz", "svd" has its own'
  ],
  [{ preconditioning: 'none' as never }, 'orthogonalize: preconditioning must be one of']
])('refuses %o', (options, message) => {
  expect(() => orthogonalize(ndarray(new Float32Array(4), [2, 2]), options)).toThrow(message)
})
