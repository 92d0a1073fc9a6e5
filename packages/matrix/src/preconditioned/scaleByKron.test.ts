import { type GradientTransformation, ndarray, random, reference, transient, withEngine } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { distance, product, transpose } from '../internal/testing.js'
import { psgdKron } from './psgdKron.js'
import { type ScaleByKronOptions, scaleByKron } from './scaleByKron.js'

/** Numbers of no particular form, another for each step. */
const gradient = (t: number, shape: readonly number[]) =>
  ndarray(
    Float64Array.from(
      { length: shape.reduce((n, length) => n * length, 1) },
      (_, k) => Math.cos(3 * t + k * k) + 0.1 * k
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
const rmsOf = (x: Float64Array): number => Math.hypot(...x) / Math.sqrt(x.length)

/** An upper triangular system Qᵀ y = x, for each column of x. */
const forward = (q: Float64Array, x: Float64Array, n: number, k: number): Float64Array => {
  const y = x.slice()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      let rest = x[i * k + j] as number
      for (let p = 0; p < i; p++) rest -= (q[p * n + i] as number) * (y[p * k + j] as number)
      y[i * k + j] = rest / (q[i * n + i] as number)
    }
  }
  return y
}

/** The bound of the norm of a symmetric matrix: one step from its longest row, and how long the next is. */
const boundOf = (a: Float64Array, n: number): number => {
  const lengths = Array.from({ length: n }, (_, i) => Math.hypot(...a.subarray(i * n, i * n + n)))
  const row = lengths.indexOf(Math.max(...lengths))
  const x = product(a, a.slice(row * n, row * n + n), n, n, 1)
  const size = Math.hypot(...x)
  return Math.hypot(
    ...product(
      a,
      x.map((value) => value / size),
      n,
      n,
      1
    )
  )
}

/** The rule for a matrix with triangular factors that learn at every step, with a known probe. */
const kronOf = (m: number, n: number, steps: number, probe: Float64Array): readonly Float64Array[] => {
  const identity = (k: number): Float64Array =>
    Float64Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0))
  let [q1, q2]: Float64Array[] = [identity(m), identity(n)]
  let mean: Float64Array = new Float64Array(m * n)
  const learned = (q: Float64Array, t: Float64Array, s: Float64Array, k: number): Float64Array => {
    const bound = boundOf(
      t.map((x, i) => x + (s[i] as number)),
      k
    )
    const step = t.map((x, i) => (i % k >= Math.floor(i / k) ? (0.1 * (x - (s[i] as number))) / bound : 0))
    const moved = product(step, q, k, k, k)
    return q.map((x, i) => x - (moved[i] as number))
  }
  return Array.from({ length: steps }, (_, i) => {
    const g = gradient(i + 1, [m, n]).data as Float64Array
    mean = mean.map((x, k) => 0.9 * x + 0.1 * (g[k] as number))
    const seen = mean.map((x) => x / (1 - 0.9 ** (i + 1)))
    const [left, right] = [q1 as Float64Array, q2 as Float64Array]
    const a = product(product(left, seen, m, m, n), transpose(right, n, n), m, n, n)
    const b = transpose(forward(right, transpose(forward(left, probe, m, n), m, n), n, m), n, m)
    const grams = (x: Float64Array) => [
      product(x, transpose(x, m, n), m, n, m),
      product(transpose(x, m, n), x, n, m, n)
    ]
    const [[t1, t2], [s1, s2]] = [grams(a), grams(b)]
    q1 = learned(left, t1 as Float64Array, s1 as Float64Array, m)
    q2 = learned(right, t2 as Float64Array, s2 as Float64Array, n)
    const p1 = product(transpose(q1, m, m), q1, m, m, m)
    const p2 = product(transpose(q2, n, n), q2, n, n, n)
    const u = product(product(p1, seen, m, m, n), p2, m, n, n)
    return u.map((x) => x * Math.min(1, 1.1 / (rmsOf(u) + 1e-8)))
  })
}

test.each([
  [4, 3],
  [2, 5]
])('does what its definition says to a %i × %i matrix', (m, n) => {
  const probe = gradient(9, [m, n]).data as Float64Array
  const tx = scaleByKron({ key: 0, balanceProbability: 0, sampler: (_, shape) => gradient(9, shape) })
  expect(furthest(emitted(tx, [m, n], 6).updates, kronOf(m, n, 6, probe))).toBeLessThan(1e-12)
})

type Kept = { readonly w: { readonly data: Float64Array; readonly shape: readonly number[] } }
const shapesOf = (shape: readonly number[], options: Partial<ScaleByKronOptions> = {}) =>
  scaleByKron({ key: 0, ...options })
    .init({ w: gradient(0, shape) })
    .q.map((q) => (q as Kept).w.shape)

test.each<readonly [string, readonly number[], Partial<ScaleByKronOptions>, readonly (readonly number[])[]]>([
  [
    'a matrix',
    [4, 3],
    {},
    [
      [4, 4],
      [3, 3]
    ]
  ],
  ['one diagonal', [4, 3], { memorySaveMode: 'oneDiag' }, [[4], [3, 3]]],
  ['one diagonal of equal sides, the last', [3, 3], { memorySaveMode: 'oneDiag' }, [[3, 3], [3]]],
  [
    'none of equal sides when it is smart',
    [3, 3],
    { memorySaveMode: 'smartOneDiag' },
    [
      [3, 3],
      [3, 3]
    ]
  ],
  ['all', [4, 3], { memorySaveMode: 'allDiag' }, [[4], [3]]],
  ['a long axis', [4, 3], { maxSizeTriangular: 3 }, [[4], [3, 3]]],
  ['a vector', [4], {}, [[4]]],
  ['an axis of length 1', [1, 3], {}, [[1], [3, 3]]],
  [
    'a kernel by dimension numbers',
    [2, 3, 2, 4],
    { weightDimensionNumbers: { reductionAxis: [0, 1, 2], outputAxis: 3 } },
    [
      [12, 12],
      [4, 4]
    ]
  ],
  [
    'a stack',
    [2, 3, 4],
    { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } },
    [
      [2, 3, 3],
      [2, 4, 4]
    ]
  ]
])('the factors of %s', (_, shape, options, wanted) => {
  expect(shapesOf(shape, options)).toStrictEqual(wanted)
})

describe('along a trajectory', () => {
  const { updates, state } = emitted(scaleByKron({ key: 3 }), [4, 3], 12)

  test('no update is larger than that, and none points against the momentum', () => {
    for (const u of updates) expect(rmsOf(u)).toBeLessThan(1.1)
    const { mu } = state
    const m = (mu as Kept).w.data
    const last = updates.at(-1) as Float64Array
    expect(last.reduce((total, x, i) => total + x * (m[i] as number), 0)).toBeGreaterThan(0)
  })

  test('factors stay upper triangular, with a positive diagonal', () => {
    state.q.forEach((q, axis) => {
      const n = axis === 0 ? 4 : 3
      const { data } = (q as Kept).w
      for (let i = 0; i < n; i++) {
        expect(data[i * n + i]).toBeGreaterThan(0)
        for (let j = 0; j < i; j++) expect(data[i * n + j]).toBe(0)
      }
    })
  })

  test('the same key gives the same, another another', () => {
    expect(furthest(updates, emitted(scaleByKron({ key: random.key(3) }), [4, 3], 12).updates)).toBe(0)
    expect(furthest(updates, emitted(scaleByKron({ key: 4 }), [4, 3], 12).updates)).toBeGreaterThan(1e-3)
  })
})

test('what is learned makes gradients of unequal sizes alike', () => {
  const uneven = (t: number, shape: readonly number[]) =>
    ndarray(gradient(t, shape).data.map((x, k) => (k < 3 ? 100 * x : 0.1 * x)) as Float64Array, shape)
  const { updates } = emitted(scaleByKron({ key: 0, precondLr: 0.3, b1: 0, maxRms: 1e9 }), [2, 3], 400, uneven)
  const late = updates.slice(200)
  const mean = (from: number): number =>
    Math.sqrt(late.reduce((total, u) => total + Math.hypot(...u.slice(from, from + 3)) ** 2, 0) / late.length / 3)
  expect(mean(0) / mean(3)).toBeGreaterThan(0.3)
  expect(mean(0) / mean(3)).toBeLessThan(3)
})

test('the factors learn as often as is said: the counter is timm’s', () => {
  const learned = (probability: ScaleByKronOptions['preconditionerUpdateProbability']) => {
    const tx = scaleByKron({ key: 0, preconditionerUpdateProbability: probability })
    const params = { w: gradient(0, [2, 2]) }
    let state = tx.init(params)
    return Array.from({ length: 7 }, (_, t) => {
      const [, next] = tx.update({ w: gradient(t, [2, 2]) }, state, params)
      state = next
      return state.updateCount === 0
    })
  }
  expect(learned(0.5)).toStrictEqual([false, true, false, true, false, true, false])
  expect(learned(0.4)).toStrictEqual([false, false, true, false, false, true, false])
  expect(learned((step) => (step < 3 ? 1 : 0.5))).toStrictEqual([true, true, true, false, true, false, true])
  expect(learned(undefined)).toStrictEqual(Array(7).fill(true))
})

test('each matrix of a stack is balanced and bounded by itself', () => {
  const options = { key: 0, balanceProbability: 1, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } }
  const sampler: NonNullable<ScaleByKronOptions['sampler']> = (_, shape) => gradient(9, shape)
  const { updates } = emitted(scaleByKron({ ...options, sampler }), [2, 3, 2], 4)
  for (const from of [0, 6]) {
    const half = (x: Float64Array): Float64Array => x.slice(from, from + 6)
    const own: NonNullable<ScaleByKronOptions['sampler']> = () =>
      ndarray(half(gradient(9, [2, 3, 2]).data as Float64Array), [3, 2])
    const alone = emitted(scaleByKron({ key: 0, balanceProbability: 1, sampler: own }), [3, 2], 4, (t) =>
      ndarray(half(gradient(t, [2, 3, 2]).data as Float64Array), [3, 2])
    ).updates
    expect(furthest(updates.map(half), alone)).toBeLessThan(1e-12)
  }
})

test('zeros stay zeros, a rank of 1 is finite, and a NaN stays', () => {
  const tx = scaleByKron({ key: 0 })
  const zero = emitted(tx, [3, 2], 3, (_, shape) => ndarray(new Float64Array(6), shape))
  expect(zero.updates.every((u) => u.every((x) => x === 0))).toBe(true)
  const low = emitted(tx, [3, 3], 5, (_, shape) =>
    ndarray(
      Float64Array.from({ length: 9 }, (_x, k) => (1 + (k % 3)) * (1 + Math.floor(k / 3))),
      shape
    )
  )
  expect(low.updates.every((u) => u.every(Number.isFinite))).toBe(true)
  const bad = emitted(tx, [2, 2], 3, (t, shape) =>
    t === 2 ? ndarray(Float64Array.of(NaN, 1, 2, 3), shape) : gradient(t, shape)
  )
  expect(bad.updates.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false])
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleByKron({ key: 1, preconditionerUpdateProbability: 0.5 })
  const float32 = (t: number, shape: readonly number[]) => ndarray(Float32Array.from(gradient(t, shape).data), shape)
  const run = (): readonly number[] => {
    const params = { w: float32(0, [4, 3]) }
    let state = tx.init(params)
    let last: Float32Array = new Float32Array(0)
    for (let t = 1; t < 6; t++) {
      const [u, next] = tx.update({ w: float32(t, [4, 3]) }, state, params)
      state = next
      last = u.w.data as Float32Array
    }
    return Array.from(last)
  }
  expect(withEngine(reference, run)).toStrictEqual(run())
  const resident = transient(tx, { w: ndarray(new Float32Array(12), [4, 3]) })
  for (let t = 1; t < 6; t++) {
    resident.params.w.data.fill(0)
    resident.step({ w: float32(t, [4, 3]) })
  }
  expect(Array.from(resident.params.w.data)).toStrictEqual(run())
  resident.dispose()
})

test.each<readonly [Partial<ScaleByKronOptions>, string]>([
  [{ key: 1.5 }, 'scaleByKron: key must be'],
  [{ b1: 1 }, 'scaleByKron: b1 must be in [0, 1), got 1'],
  [
    { preconditionerUpdateProbability: 0 },
    'scaleByKron: preconditionerUpdateProbability must be in (0, 1] or a schedule, got 0'
  ],
  [{ maxSizeTriangular: 0 }, 'scaleByKron: maxSizeTriangular must be a whole number ≥ 1, got 0'],
  [
    { memorySaveMode: 'all' as 'allDiag' },
    'scaleByKron: memorySaveMode must be one of "oneDiag", "smartOneDiag", "allDiag", got "all"'
  ],
  [{ precondLr: 0 }, 'scaleByKron: precondLr must be a finite number > 0, got 0'],
  [{ balanceProbability: 2 }, 'scaleByKron: balanceProbability must be in [0, 1], got 2']
])('refuses %j', (options, message) => {
  expect(() => scaleByKron({ key: 0, ...options })).toThrow(message)
  expect(() => psgdKron(0.1, { key: 0, ...options })).toThrow(message)
})

test('a schedule must give probabilities', () => {
  const tx = scaleByKron({ key: 0, preconditionerUpdateProbability: () => 2 })
  expect(() => tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })).toThrow(
    'preconditionerUpdateProbability(step) must be in (0, 1], got 2'
  )
})
