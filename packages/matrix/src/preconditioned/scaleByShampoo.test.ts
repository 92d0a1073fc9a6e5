import { type GradientTransformation, ndarray, reference, transient, withEngine } from '@gradchain/core'
import { scaleByRss } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { eighOf } from '../internal/eighOf.js'
import { qrOf } from '../internal/qrOf.js'
import { distance, product, transpose } from '../internal/testing.js'
import { type ScaleByShampooOptions, scaleByShampoo } from './scaleByShampoo.js'

/** Numbers of no particular form, another for each step. */
const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const gradient = (t: number, shape: readonly number[]) =>
  ndarray(
    numbers(
      t,
      shape.reduce((n, length) => n * length, 1)
    ),
    shape
  )

const emitted = <S>(tx: GradientTransformation<S>, shape: readonly number[], steps: number, gradientAt = gradient) => {
  const params = { w: gradient(0, shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: gradientAt(t, shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
  }
  return { updates, state }
}
const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

/** (A + ridge λ I)^−p of a symmetric matrix, by its definition. */
const powerOf = (a: Float64Array, n: number, p: number, ridge: number): Float64Array => {
  const { values, vectors } = eighOf(a, n)
  const most = values[n - 1] as number
  const scaled = vectors.map((v, k) => v * (Math.max(values[k % n] as number, 0) + ridge * most) ** -p)
  return product(scaled, transpose(vectors, n, n), n, n, n)
}

/** Shampoo of a matrix, written down again. */
const shampooOf = (
  m: number,
  n: number,
  steps: number,
  b2: number,
  p: number,
  period: number
): readonly Float64Array[] => {
  const sums = [new Float64Array(m * m), new Float64Array(n * n)] as [Float64Array, Float64Array]
  let roots: readonly Float64Array[] = []
  return Array.from({ length: steps }, (_, i) => {
    const g = numbers(i + 1, m * n)
    const grams = [product(g, transpose(g, m, n), m, n, m), product(transpose(g, m, n), g, n, m, n)]
    for (const axis of [0, 1] as const) {
      const gram = grams[axis] as Float64Array
      sums[axis] = sums[axis].map((x, k) =>
        b2 === 1 ? x + (gram[k] as number) : b2 * x + (1 - b2) * (gram[k] as number)
      )
    }
    if (i % period === 0) {
      const correction = b2 === 1 ? 1 : 1 / (1 - b2 ** (i + 1))
      roots = sums.map((l, axis) =>
        powerOf(
          l.map((x) => x * correction),
          axis === 0 ? m : n,
          p,
          1e-6
        )
      )
    }
    return product(product(roots[0] as Float64Array, g, m, m, n), roots[1] as Float64Array, m, n, n)
  })
}

test.each<readonly [string, number, number, ScaleByShampooOptions, readonly [number, number, number]]>([
  ['sums', 4, 3, {}, [1, 1 / 4, 1]],
  ['means', 3, 4, { b2: 0.9 }, [0.9, 1 / 4, 1]],
  ['another exponent', 3, 3, { exponent: 0.5 }, [1, 0.5, 1]],
  ['roots that are kept for some steps', 4, 3, { refreshEvery: 3, b2: 0.9 }, [0.9, 1 / 4, 3]]
])('does what its definition says: %s', (_, m, n, options, [b2, p, period]) => {
  const { updates } = emitted(scaleByShampoo(options), [m, n], 6)
  expect(furthest(updates, shampooOf(m, n, 6, b2, p, period))).toBeLessThan(1e-9)
})

test.each([
  ['a vector', [5]],
  ['a number', []]
])('without a matrix it is AdaGrad: %s', (_, shape) => {
  const adagrad = scaleByRss({ initialAccumulatorValue: 0, eps: 1e-10 })
  expect(furthest(emitted(scaleByShampoo(), shape, 5).updates, emitted(adagrad, shape, 5).updates)).toBeLessThan(1e-15)
})

test('a diagonal gradient does what the diagonal of it does', () => {
  const diagonal = (t: number) => ndarray(Float64Array.of(1 + t, 0, 0, -2 * t), [2, 2])
  const { updates } = emitted(scaleByShampoo({ matrixEps: 0 }), [2, 2], 4, diagonal)
  const adagrad = scaleByRss({ initialAccumulatorValue: 0, eps: 0 })
  expect(furthest(updates, emitted(adagrad, [2, 2], 4, diagonal).updates)).toBeLessThan(1e-14)
})

test('a rotation of the rows rotates the updates', () => {
  const { q } = qrOf(numbers(7, 16), 4, 4, 4)
  const rotated = (t: number) => ndarray(product(q, numbers(t, 12), 4, 4, 3), [4, 3])
  const { updates } = emitted(scaleByShampoo(), [4, 3], 4)
  const after = emitted(scaleByShampoo(), [4, 3], 4, rotated).updates
  expect(
    furthest(
      updates.map((u) => product(q, u, 4, 4, 3)),
      after
    )
  ).toBeLessThan(1e-9)
})

describe('blocks', () => {
  const part = (x: Float64Array, columns: number, rows: readonly number[], cols: readonly number[]): Float64Array =>
    Float64Array.from(rows.flatMap((i) => cols.map((j) => x[i * columns + j] as number)))
  const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i)

  test('a matrix does what its blocks do, each with the exponent of a matrix', () => {
    const { updates, state } = emitted(scaleByShampoo({ blockSize: 3 }), [5, 4], 4)
    // 5 is cut into 3 and 2, 4 into 2 and 2.
    expect(state.gg.map((gg) => (gg as { w: { shape: unknown } }).w.shape)).toStrictEqual([
      [4, 3, 3],
      [4, 2, 2]
    ])
    for (const rows of [range(0, 3), range(3, 5)]) {
      for (const cols of [range(0, 2), range(2, 4)]) {
        const alone = emitted(scaleByShampoo(), [rows.length, cols.length], 4, (t) =>
          ndarray(part(numbers(t, 20), 4, rows, cols), [rows.length, cols.length])
        ).updates
        expect(
          furthest(
            updates.map((u) => part(u, 4, rows, cols)),
            alone
          )
        ).toBeLessThan(1e-9)
      }
    }
  })

  test('of a stack, too, and of a vector that has a matrix', () => {
    const stacked = { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } }
    const { updates } = emitted(scaleByShampoo({ ...stacked, blockSize: 2 }), [2, 3, 4], 3)
    for (const i of [0, 1]) {
      const alone = emitted(scaleByShampoo({ blockSize: 2 }), [3, 4], 3, (t) =>
        ndarray(numbers(t, 24).slice(i * 12, i * 12 + 12), [3, 4])
      ).updates
      expect(
        furthest(
          updates.map((u) => u.slice(i * 12, i * 12 + 12)),
          alone
        )
      ).toBeLessThan(1e-12)
    }
    const vector = emitted(scaleByShampoo({ precondition1d: true, blockSize: 2, matrixEps: 0 }), [5], 1).updates
    // A vector in one step: g / ‖g‖, for each block.
    const g = numbers(1, 5)
    const size = (at: readonly number[]): number => Math.hypot(...at.map((i) => g[i] as number))
    const wanted = g.map((x, i) => x / size(i < 2 ? [0, 1] : i < 4 ? [2, 3] : [4]))
    expect(distance(vector[0] as Float64Array, wanted)).toBeLessThan(1e-7)
  })
})

describe('grafting', () => {
  const normOf = (x: Float64Array): number => Math.hypot(...x)
  test.each([
    ['sgd', (gs: readonly Float64Array[]) => normOf(gs.at(-1) as Float64Array)],
    [
      'adagrad',
      (gs: readonly Float64Array[]) =>
        normOf(
          (gs.at(-1) as Float64Array).map((x, k) => x / Math.sqrt(gs.reduce((s, g) => s + (g[k] as number) ** 2, 0)))
        )
    ],
    [
      'rmsprop',
      (gs: readonly Float64Array[]) => {
        const v = (k: number): number =>
          gs.reduce((s, g) => 0.9 * s + 0.1 * (g[k] as number) ** 2, 0) / (1 - 0.9 ** gs.length)
        return normOf((gs.at(-1) as Float64Array).map((x, k) => x / Math.sqrt(v(k))))
      }
    ]
  ] as const)('%s gives the norm, Shampoo the direction', (grafting, norm) => {
    const plain = emitted(scaleByShampoo(), [4, 3], 4).updates
    const { updates } = emitted(scaleByShampoo({ grafting, graftingB2: 0.9, eps: 0 }), [4, 3], 4)
    updates.forEach((u, i) => {
      const gs = Array.from({ length: i + 1 }, (_, k) => numbers(k + 1, 12))
      expect(normOf(u)).toBeCloseTo(norm(gs), 10)
      const p = plain[i] as Float64Array
      expect(
        distance(
          u.map((x) => x / normOf(u)),
          p.map((x) => x / normOf(p))
        )
      ).toBeLessThan(1e-12)
    })
  })

  test('each matrix of a stack has its own norm', () => {
    const options = { grafting: 'sgd', weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } } as const
    const { updates } = emitted(scaleByShampoo(options), [2, 3, 2], 2)
    for (const from of [0, 6]) {
      const half = (x: Float64Array): Float64Array => x.slice(from, from + 6)
      expect(normOf(half(updates[1] as Float64Array))).toBeCloseTo(normOf(half(numbers(2, 12))), 10)
    }
  })
})

test('a kernel of a convolution has the exponent of its axes, 1 / 8, and merged that of a matrix', () => {
  const four = emitted(scaleByShampoo({ matrixEps: 0 }), [1, 1, 1, 2], 1, (_, shape) =>
    ndarray(Float64Array.of(16, 0), shape)
  )
  // Each of the four axes has 256: (256^−1/8)⁴ · 16 = 1.
  expect(distance(four.updates[0] as Float64Array, [1, 0])).toBeLessThan(1e-14)
  const merged = emitted(scaleByShampoo({ mergeDims: true, blockSize: 6 }), [2, 3, 4], 3).updates
  expect(furthest(merged, emitted(scaleByShampoo(), [6, 4], 3).updates)).toBe(0)
})

test('zeros stay zeros, a rank of 1 is finite, and a NaN stays', () => {
  const zero = emitted(scaleByShampoo({ grafting: 'adagrad' }), [3, 2], 2, (_, shape) =>
    ndarray(new Float64Array(6), shape)
  )
  expect(zero.updates.every((u) => u.every((x) => x === 0))).toBe(true)
  const low = emitted(scaleByShampoo(), [3, 3], 3, (_, shape) =>
    ndarray(
      Float64Array.from({ length: 9 }, (_x, k) => (1 + (k % 3)) * (1 + Math.floor(k / 3))),
      shape
    )
  )
  expect(low.updates.every((u) => u.every(Number.isFinite))).toBe(true)
  const bad = emitted(scaleByShampoo(), [2, 2], 3, (t, shape) =>
    t === 2 ? ndarray(Float64Array.of(NaN, 1, 2, 3), shape) : gradient(t, shape)
  )
  expect(bad.updates.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false])
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleByShampoo({ refreshEvery: 2, blockSize: 3, grafting: 'rmsprop' })
  const float32 = (t: number, shape: readonly number[]) => ndarray(Float32Array.from(gradient(t, shape).data), shape)
  const run = (): readonly number[] => {
    const params = { w: float32(0, [4, 3]) }
    let state = tx.init(params)
    let last: Float32Array = new Float32Array(0)
    for (let t = 1; t < 5; t++) {
      const [u, next] = tx.update({ w: float32(t, [4, 3]) }, state, params)
      state = next
      last = u.w.data as Float32Array
    }
    return Array.from(last)
  }
  expect(withEngine(reference, run)).toStrictEqual(run())
  const resident = transient(tx, { w: ndarray(new Float32Array(12), [4, 3]) })
  for (let t = 1; t < 5; t++) {
    resident.params.w.data.fill(0)
    resident.step({ w: float32(t, [4, 3]) })
  }
  expect(Array.from(resident.params.w.data)).toStrictEqual(run())
  resident.dispose()
})

test.each<readonly [ScaleByShampooOptions, string]>([
  [{ b2: 1.1 }, 'scaleByShampoo: b2 must be in [0, 1], got 1.1'],
  [{ exponent: 0 }, 'scaleByShampoo: exponent must be a finite number > 0, got 0'],
  [{ matrixEps: -1 }, 'scaleByShampoo: matrixEps must be a finite number ≥ 0, got -1'],
  [{ blockSize: 0 }, 'scaleByShampoo: blockSize must be a whole number ≥ 1, got 0'],
  [{ refreshEvery: 0.5 }, 'scaleByShampoo: refreshEvery must be a whole number ≥ 1, got 0.5'],
  [
    { grafting: 'adam' as 'sgd' },
    'scaleByShampoo: grafting must be one of "none", "sgd", "adagrad", "rmsprop", got "adam"'
  ],
  [{ mergeDims: 1 as never }, 'scaleByShampoo: mergeDims must be true or false, got 1']
])('refuses %j', (options, message) => {
  expect(() => scaleByShampoo(options)).toThrow(message)
})
