import { type GradientTransformation, ndarray, reference, transient, withEngine } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { qrOf } from '../internal/qrOf.js'
import { svdOf } from '../internal/svdOf.js'
import { defect, distance, product, transpose } from '../internal/testing.js'
import { ldadam } from './ldadam.js'
import { type ScaleByLdadamOptions, scaleByLdadam } from './scaleByLdadam.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1)
const emitted = <S>(
  tx: GradientTransformation<S>,
  shape: readonly number[],
  steps: number,
  gradientAt = (t: number) => numbers(t, size(shape))
) => {
  const params = { w: ndarray(new Float64Array(size(shape)), shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  const states: S[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: ndarray(gradientAt(t), shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
    states.push(next)
  }
  return { updates, states }
}
type Kept = { readonly w: { readonly data: Float64Array } }
const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

/** LDAdam of a matrix of m < n, written down again. */
const ldadamOf = (m: number, n: number, r: number, steps: number, feedback: boolean): readonly Float64Array[] => {
  const [rho, b1, b2, eps] = [0.908, 0.908, 0.99, 1e-8]
  const zip = (f: (...x: number[]) => number, ...arrays: readonly Float64Array[]): Float64Array =>
    (arrays[0] as Float64Array).map((_, k) => f(...arrays.map((x) => x[k] as number)))
  let p: Float64Array = new Float64Array(m * r)
  let mean: Float64Array = new Float64Array(r * n)
  let v: Float64Array = new Float64Array(r * n)
  let error: Float64Array = new Float64Array(m * n)
  return Array.from({ length: steps }, (_, i) => {
    const done = i
    const a = zip((x, y) => x + y, numbers(i + 1, m * n), error)
    const before = p
    if (done === 0) {
      const { u } = svdOf(a, m, n)
      p = Float64Array.from({ length: m * r }, (_x, k) => u[Math.floor(k / r) * m + (k % r)] as number)
    } else {
      const b = zip((x, y) => (rho * x) / (1 - b1 ** done) + (1 - rho) * y, product(before, mean, m, r, n), a)
      p = qrOf(product(b, product(transpose(b, m, n), before, n, m, r), m, n, r), m, r, r).q
    }
    const small = product(transpose(p, m, r), a, r, m, n)
    const change = product(transpose(p, m, r), before, r, m, r)
    const moved = product(change, mean, r, r, n)
    if (feedback) {
      const [back, old, now] = [product(p, small, m, r, n), product(before, mean, m, r, n), product(p, moved, m, r, n)]
      error = zip((x, y, o, w) => x - y + (b1 / (1 - b1)) * (o - w), a, back, old, now)
    }
    if (done > 0) {
      const [c1, c2] = [1 - b1 ** done, 1 - b2 ** done]
      const variance = zip((x, y) => x / c2 - (y / c1) ** 2, v, mean)
      const kept = product(
        change.map((x) => x * x),
        variance,
        r,
        r,
        n
      )
      v = zip((x, y) => c2 * Math.abs(x + (y / c1) ** 2), kept, moved)
    }
    mean = zip((x, g) => b1 * x + (1 - b1) * g, moved, small)
    v = zip((x, g) => b2 * x + (1 - b2) * g * g, v, small)
    const low = zip((x, y) => x / (1 - b1 ** (done + 1)) / (Math.sqrt(y / (1 - b2 ** (done + 1))) + eps), mean, v)
    return product(p, low, m, r, n)
  })
}

test.each([true, false])('does what its definition says, with errorFeedback %s', (errorFeedback) => {
  const { updates } = emitted(scaleByLdadam({ rank: 2, errorFeedback }), [4, 6], 7)
  expect(furthest(updates, ldadamOf(4, 6, 2, 7, errorFeedback))).toBeLessThan(1e-8)
})

test('a tall matrix does what its transpose does', () => {
  const tx = scaleByLdadam({ rank: 2 })
  const { updates } = emitted(tx, [3, 5], 5)
  const turned = emitted(tx, [5, 3], 5, (t) => transpose(numbers(t, 15), 3, 5)).updates
  expect(
    furthest(
      updates.map((u) => transpose(u, 3, 5)),
      turned
    )
  ).toBeLessThan(1e-8)
})

test('directions stay orthonormal, and updates in them', () => {
  const { updates, states } = emitted(scaleByLdadam({ rank: 2 }), [4, 6], 6)
  states.forEach(({ projector }, i) => {
    const { data } = (projector as Kept).w
    expect(defect(data, 4, 2)).toBeLessThan(1e-13)
    const u = updates[i] as Float64Array
    expect(distance(product(data, product(transpose(data, 4, 2), u, 2, 4, 6), 4, 2, 6), u)).toBeLessThan(1e-13)
  })
})

test('with the full rank there is no error', () => {
  const { states } = emitted(scaleByLdadam({ rank: 9 }), [3, 5], 5)
  for (const { error } of states) expect(Math.max(...(error as Kept).w.data.map(Math.abs))).toBeLessThan(1e-12)
})

test('what is lost comes back: the error of a first step is what the directions do not have', () => {
  const { states } = emitted(scaleByLdadam({ rank: 1 }), [2, 2], 1, () => Float64Array.of(5, 0, 0, 1))
  const [after] = states.map(({ error }) => (error as Kept).w.data)
  expect(distance(after ?? [], [0, 0, 0, 1])).toBeLessThan(1e-15)
})

test('a leaf that is no matrix goes through Adam, and each matrix of a stack its own way', () => {
  const adam = scaleByAdam({ b1: 0.908, b2: 0.99 })
  expect(furthest(emitted(scaleByLdadam(), [5], 3).updates, emitted(adam, [5], 3).updates)).toBe(0)
  const stacked = { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } }
  const { updates } = emitted(scaleByLdadam({ rank: 2, ...stacked }), [2, 3, 4], 4)
  for (const from of [0, 12]) {
    const alone = emitted(scaleByLdadam({ rank: 2 }), [3, 4], 4, (t) => numbers(t, 24).slice(from, from + 12)).updates
    expect(
      furthest(
        updates.map((u) => u.slice(from, from + 12)),
        alone
      )
    ).toBeLessThan(1e-10)
  }
})

test('zeros stay zeros, and a NaN stays', () => {
  const tx = scaleByLdadam({ rank: 1 })
  expect(emitted(tx, [3, 2], 3, () => new Float64Array(6)).updates.every((u) => u.every((x) => x === 0))).toBe(true)
  const bad = emitted(tx, [2, 2], 3, (t) => (t === 2 ? Float64Array.of(NaN, 1, 2, 3) : numbers(t, 4))).updates
  expect(bad.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false])
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleByLdadam({ rank: 2 })
  const float32 = (t: number) => ({ w: ndarray(Float32Array.from(numbers(t, 12)), [4, 3]) })
  const run = (): readonly number[] => {
    let state = tx.init(float32(0))
    let last: Float32Array = new Float32Array(0)
    for (let t = 1; t < 5; t++) {
      const [u, next] = tx.update(float32(t), state, float32(0))
      state = next
      last = u.w.data as Float32Array
    }
    return Array.from(last)
  }
  expect(withEngine(reference, run)).toStrictEqual(run())
  const resident = transient(tx, { w: ndarray(new Float32Array(12), [4, 3]) })
  for (let t = 1; t < 5; t++) {
    resident.params.w.data.fill(0)
    resident.step(float32(t))
  }
  expect(Array.from(resident.params.w.data)).toStrictEqual(run())
  resident.dispose()
})

test.each<readonly [ScaleByLdadamOptions, string]>([
  [{ rank: 0 }, 'scaleByLdadam: rank must be a whole number ≥ 1, got 0'],
  [{ rho: 1 }, 'scaleByLdadam: rho must be in [0, 1), got 1'],
  [{ eps: -1 }, 'scaleByLdadam: eps must be a finite number ≥ 0, got -1'],
  [{ errorFeedback: 1 as never }, 'scaleByLdadam: errorFeedback must be true or false, got 1']
])('refuses %j', (options, message) => {
  expect(() => scaleByLdadam(options)).toThrow(message)
  expect(() => ldadam(0.1, options)).toThrow(message)
})
