import { type GradientTransformation, ndarray, reference, transient, withEngine } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { eighOf } from '../internal/eighOf.js'
import { qrOf } from '../internal/qrOf.js'
import { defect, distance, product, transpose } from '../internal/testing.js'
import { scaleBySoap } from './scaleBySoap.js'

/** Numbers of no particular form, another for each step. */
const gradient = (t: number, shape: readonly number[]) =>
  ndarray(
    Float64Array.from(
      { length: shape.reduce((n, length) => n * length, 1) },
      (_, k) => Math.cos(3 * t + k * k) + 0.1 * k
    ),
    shape
  )

/** What is emitted for the gradients of so many steps. */
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

/** The reference, for matrices: the first moment is kept in the bases there, and moved from one to the next. */
const soapOf = (m: number, n: number, steps: number, frequency: number): readonly Float64Array[] => {
  const [b1, b2, eps] = [0.95, 0.95, 1e-8]
  const into = (x: Float64Array): Float64Array => product(product(transpose(q1, m, m), x, m, m, n), q2, m, n, n)
  const outOf = (x: Float64Array): Float64Array => product(product(q1, x, m, m, n), transpose(q2, n, n), m, n, n)
  const descending = (a: Float64Array, k: number): Float64Array =>
    eighOf(a, k).vectors.map((_, i, all) => all[i - (i % k) + (k - 1 - (i % k))] as number)
  let q1: Float64Array = new Float64Array(m * m)
  let q2: Float64Array = new Float64Array(n * n)
  let l1: Float64Array = new Float64Array(m * m)
  let l2: Float64Array = new Float64Array(n * n)
  let mean: Float64Array = new Float64Array(m * n)
  let v: Float64Array = new Float64Array(m * n)
  const gather = (g: Float64Array): void => {
    const [gg, gtg] = [product(g, transpose(g, m, n), m, n, m), product(transpose(g, m, n), g, n, m, n)]
    l1 = l1.map((x, i) => b2 * x + (1 - b2) * (gg[i] as number))
    l2 = l2.map((x, i) => b2 * x + (1 - b2) * (gtg[i] as number))
  }
  const iterated = (l: Float64Array, q: Float64Array, k: number) => {
    const moved = product(l, q, k, k, k)
    const quotient = (j: number): number => {
      let s = 0
      for (let i = 0; i < k; i++) s += (q[i * k + j] as number) * (moved[i * k + j] as number)
      return s
    }
    const order = Array.from({ length: k }, (_, j) => j).sort((a, b) => quotient(b) - quotient(a))
    const sorted = moved.map((_, i) => moved[i - (i % k) + (order[i % k] as number)] as number)
    return { q: qrOf(sorted, k, k, k).q, order }
  }
  const updates: Float64Array[] = []
  for (let step = 0; step < steps; step++) {
    const g = gradient(step + 1, [m, n]).data as Float64Array
    if (step === 0) {
      gather(g)
      q1 = descending(l1, m)
      q2 = descending(l2, n)
      updates.push(new Float64Array(m * n))
      continue
    }
    const inside = into(g)
    mean = mean.map((x, i) => b1 * x + (1 - b1) * (inside[i] as number))
    v = v.map((x, i) => b2 * x + (1 - b2) * (inside[i] as number) ** 2)
    const size = Math.sqrt(1 - b2 ** step) / (1 - b1 ** step)
    updates.push(outOf(mean.map((x, i) => (size * x) / (Math.sqrt(v[i] as number) + eps))))
    const whole = outOf(mean)
    gather(g)
    if (step % frequency === 0) {
      const [left, right] = [iterated(l1, q1, m), iterated(l2, q2, n)]
      v = v.map(
        (_, i, all) => all[(left.order[Math.floor(i / n)] as number) * n + (right.order[i % n] as number)] as number
      )
      q1 = left.q
      q2 = right.q
    }
    mean = into(whole)
  }
  return updates
}

const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

test.each([
  [4, 3, 1],
  [3, 5, 3],
  [4, 4, 10]
])('does what the reference does to a %i × %i matrix, refreshed after %i steps', (m, n, frequency) => {
  const { updates } = emitted(scaleBySoap({ preconditionFrequency: frequency }), [m, n], 12)
  // Small second moments magnify what is rounded in them.
  expect(furthest(updates, soapOf(m, n, 12, frequency))).toBeLessThan(1e-7)
})

test.each([
  ['a matrix without a basis', [4, 3], { maxPreconditionerDim: 2 }],
  ['a vector', [5], {}],
  ['a number', [], {}],
  ['a leaf that is no matrix', [2, 3], { weightDimensionNumbers: () => null }]
] as const)('from the second step on Adam with its eps hat: %s', (_, shape, options) => {
  const { updates } = emitted(scaleBySoap(options), shape, 5)
  const adam = scaleByAdam({ b1: 0.95, b2: 0.95, epsPlacement: 'hat' })
  const later = emitted(adam, shape, 4, (t, s) => gradient(t + 1, s)).updates
  expect(Array.from(updates[0] as Float64Array).every((x) => x === 0)).toBe(true)
  expect(furthest(updates.slice(1), later)).toBeLessThan(1e-14)
})

test('one-sided where only one axis is short enough: diagonal gradients do what Adam does', () => {
  const { state } = emitted(scaleBySoap({ maxPreconditionerDim: 3 }), [5, 3], 3)
  const kept = (i: number) => (state.q[i] as { readonly w: unknown }).w
  expect(kept(0)).toBe(0)
  expect(kept(1)).toMatchObject({ shape: [3, 3] })
})

type Kept = { readonly w: { readonly data: Float64Array; readonly shape: readonly number[] } }

test.each([
  [
    'a matrix',
    [5, 3],
    {},
    [
      [5, 5],
      [3, 3]
    ]
  ],
  [
    'a kernel of a convolution',
    [2, 3, 2, 4],
    {},
    [
      [2, 2],
      [3, 3],
      [2, 2],
      [4, 4]
    ]
  ],
  [
    'the same, merged',
    [2, 3, 2, 4],
    { mergeDims: true, maxPreconditionerDim: 12 },
    [
      [12, 12],
      [4, 4]
    ]
  ],
  [
    'the same, by dimension numbers',
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
  ],
  ['a vector', [4], { precondition1d: true }, [[4, 4]]]
] as const)('bases stay orthonormal: %s', (_, shape, options, shapes) => {
  const { state, updates } = emitted(scaleBySoap({ preconditionFrequency: 2, ...options }), shape, 9)
  expect(state.q.map((q) => (q as Kept).w.shape)).toStrictEqual(shapes)
  for (const q of state.q) {
    const { data, shape: own } = (q as Kept).w
    const n = own.at(-1) as number
    for (let at = 0; at < data.length; at += n * n) {
      expect(defect(data.subarray(at, at + n * n), n, n)).toBeLessThan(1e-13)
    }
  }
  expect(updates.slice(1).every((u) => u.every(Number.isFinite))).toBe(true)
})

test('merged axes do what the matrix they make does', () => {
  const options = { maxPreconditionerDim: 6, preconditionFrequency: 2 }
  const whole = emitted(scaleBySoap(options), [6, 4], 6).updates
  const apart = emitted(scaleBySoap({ ...options, mergeDims: true }), [2, 3, 4], 6).updates
  expect(furthest(whole, apart)).toBe(0)
})

test('each matrix of a stack goes its own way', () => {
  const stacked = { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 }, preconditionFrequency: 2 }
  const { updates } = emitted(scaleBySoap(stacked), [2, 3, 4], 6)
  for (const i of [0, 1]) {
    const part = (u: Float64Array): Float64Array => u.slice(i * 12, i * 12 + 12)
    const alone = emitted(scaleBySoap({ preconditionFrequency: 2 }), [3, 4], 6, (t) =>
      ndarray(part(gradient(t, [2, 3, 4]).data as Float64Array), [3, 4])
    ).updates
    expect(furthest(updates.map(part), alone)).toBeLessThan(1e-12)
  }
})

test('a matrix and its transpose have transposed updates', () => {
  const tx = scaleBySoap({ preconditionFrequency: 2 })
  const { updates } = emitted(tx, [3, 4], 6)
  const turned = emitted(tx, [4, 3], 6, (t) => {
    const g = gradient(t, [3, 4]).data
    return ndarray(transpose(g, 3, 4), [4, 3])
  }).updates
  expect(
    furthest(
      updates.map((u) => transpose(u, 3, 4)),
      turned
    )
  ).toBeLessThan(1e-9)
})

describe('what is degenerate', () => {
  test('zeros stay zeros', () => {
    const { updates } = emitted(scaleBySoap({ preconditionFrequency: 1 }), [3, 2], 4, (_, shape) =>
      ndarray(new Float64Array(6), shape)
    )
    expect(updates.every((u) => u.every((x) => x === 0))).toBe(true)
  })

  test('a gradient of rank 1 gives finite updates', () => {
    const { updates } = emitted(scaleBySoap({ preconditionFrequency: 1 }), [3, 3], 6, (t, shape) =>
      ndarray(
        Float64Array.from({ length: 9 }, (_, k) => Math.sin(t + (k % 3)) * (1 + Math.floor(k / 3))),
        shape
      )
    )
    expect(updates.every((u) => u.every(Number.isFinite))).toBe(true)
  })

  test('a NaN stays', () => {
    const { updates } = emitted(scaleBySoap({ preconditionFrequency: 1 }), [2, 2], 4, (t, shape) =>
      t === 2 ? ndarray(Float64Array.of(NaN, 1, 2, 3), shape) : gradient(t, shape)
    )
    expect(updates.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false, false])
  })
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleBySoap({ preconditionFrequency: 2 })
  const float32 = (t: number, shape: readonly number[]) => ndarray(Float32Array.from(gradient(t, shape).data), shape)
  const params = { w: float32(0, [4, 3]) }
  const run = (): readonly number[] => {
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

test.each([
  [{ b1: 1 }, 'scaleBySoap: b1 must be in [0, 1), got 1'],
  [{ b2: -0.1 }, 'scaleBySoap: b2 must be in [0, 1), got -0.1'],
  [{ shampooBeta: 1 }, 'scaleBySoap: shampooBeta must be in [0, 1), got 1'],
  [{ eps: -1 }, 'scaleBySoap: eps must be a finite number ≥ 0, got -1'],
  [{ preconditionFrequency: 0 }, 'scaleBySoap: preconditionFrequency must be a whole number ≥ 1, got 0'],
  [{ maxPreconditionerDim: 1.5 }, 'scaleBySoap: maxPreconditionerDim must be a whole number ≥ 1, got 1.5'],
  [{ mergeDims: 1 as never }, 'scaleBySoap: mergeDims must be true or false, got 1'],
  [{ weightDimensionNumbers: 3 as never }, 'scaleBySoap: weightDimensionNumbers must be undefined, {']
])('refuses %j', (options, message) => {
  expect(() => scaleBySoap(options)).toThrow(message)
})
