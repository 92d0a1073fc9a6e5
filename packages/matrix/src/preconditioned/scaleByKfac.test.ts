import { ndarray, reference, transient, withEngine } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { distance, product, transpose } from '../internal/testing.js'
import { type KfacExtra, scaleByKfac } from './scaleByKfac.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const matrix = (t: number, m: number, n: number) => ndarray(numbers(t, m * n), [m, n])
const layers = { dense: { kernel: '.w' } }

/** A − what was solved for: A X = B by elimination, for a matrix B of k columns. */
const solve = (a: Float64Array, b: Float64Array, n: number, k: number): Float64Array => {
  const [m, x] = [a.slice(), b.slice()]
  for (let p = 0; p < n; p++) {
    let best = p
    for (let i = p + 1; i < n; i++) if (Math.abs(m[i * n + p] as number) > Math.abs(m[best * n + p] as number)) best = i
    for (let j = 0; j < n; j++) [m[p * n + j], m[best * n + j]] = [m[best * n + j] as number, m[p * n + j] as number]
    for (let j = 0; j < k; j++) [x[p * k + j], x[best * k + j]] = [x[best * k + j] as number, x[p * k + j] as number]
    for (let i = 0; i < n; i++) {
      if (i === p) continue
      const f = (m[i * n + p] as number) / (m[p * n + p] as number)
      for (let j = p; j < n; j++) m[i * n + j] = (m[i * n + j] as number) - f * (m[p * n + j] as number)
      for (let j = 0; j < k; j++) x[i * k + j] = (x[i * k + j] as number) - f * (x[p * k + j] as number)
    }
  }
  return x.map((value, at) => value / (m[Math.floor(at / k) * (n + 1)] as number))
}
const gram = (x: Float64Array, rows: number, columns: number): Float64Array =>
  product(transpose(x, rows, columns), x, columns, rows, columns).map((value) => value / rows)
const damped = (a: Float64Array, n: number, by: number): Float64Array =>
  a.map((x, i) => (i % (n + 1) === 0 ? x + by : x))
const trace = (a: Float64Array, n: number): number =>
  a.reduce((total, x, i) => (i % (n + 1) === 0 ? total + x : total), 0)

/** (A + π√λ I)⁻¹ G (S + √λ/π I)⁻¹ */
const preconditioned = (
  a: Float64Array,
  g: Float64Array,
  s: Float64Array,
  m: number,
  n: number,
  damping: number,
  tikhonov = true
) => {
  const pi = tikhonov ? Math.sqrt(trace(a, m) / m / (trace(s, n) / n)) : 1
  const left = solve(damped(a, m, pi * Math.sqrt(damping)), g, m, n)
  const right = solve(damped(s, n, Math.sqrt(damping) / pi), transpose(left, m, n), n, m)
  return transpose(right, n, m)
}

test.each([true, false])('does what its definition says, with tikhonov %s', (tikhonov) => {
  const tx = scaleByKfac({ layers, damping: 0.1, decay: 0.9, tikhonov })
  const params = { w: matrix(0, 4, 3) }
  let state = tx.init(params)
  let [a, s]: Float64Array[] = [new Float64Array(16), new Float64Array(9)]
  for (let t = 1; t <= 12; t++) {
    const [inputs, outputGrads, g] = [matrix(t, 7, 4), matrix(t + 50, 7, 3), matrix(t + 99, 4, 3)]
    const [u, next] = tx.update({ w: g }, state, params, { layers: { dense: { inputs, outputGrads } } })
    state = next
    const share = Math.min(1 - 1 / t, 0.9)
    const mixed = (old: Float64Array, now: Float64Array): Float64Array =>
      old.map((x, i) => share * x + (1 - share) * (now[i] as number))
    a = mixed(a as Float64Array, gram(inputs.data as Float64Array, 7, 4))
    s = mixed(s as Float64Array, gram(outputGrads.data as Float64Array, 7, 3))
    const wanted = preconditioned(a, g.data as Float64Array, s, 4, 3, 0.1, tikhonov)
    expect(distance(u.w.data, wanted)).toBeLessThan(1e-10)
  }
})

describe('one linear layer', () => {
  const n = 8
  const inputs = matrix(1, n, 4)
  const targets = numbers(2, n)
  // ½ mean (x W + b − y)², whose derivative by the outputs of an example drawn from the model is ±1.
  const outputGrads = ndarray(
    Float64Array.from({ length: n }, (_, k) => (k % 2 === 0 ? 1 : -1)),
    [n, 1]
  )
  const residuals = (w: Float64Array, b: number): Float64Array =>
    product(inputs.data as Float64Array, w, n, 4, 1).map((y, i) => y + b - (targets[i] as number))
  const gradient = (w: Float64Array, b: number) => {
    const r = residuals(w, b)
    return {
      w: ndarray(
        product(transpose(inputs.data as Float64Array, n, 4), r, 4, n, 1).map((x) => x / n) as Float64Array,
        [4, 1]
      ),
      b: Float64Array.of(r.reduce((total, x) => total + x, 0) / n)
    }
  }

  test('a step of rate 1 solves least squares, with a bias', () => {
    const tx = scaleByKfac({ layers: { dense: { kernel: '.w', bias: '.b' } }, damping: 0 })
    const params = { w: ndarray(numbers(3, 4), [4, 1]), b: Float64Array.of(0.5) }
    const grads = gradient(params.w.data as Float64Array, 0.5)
    const [u] = tx.update(grads, tx.init(params), params, { layers: { dense: { inputs, outputGrads } } })
    const w = (params.w.data as Float64Array).map((x, i) => x - (u.w.data[i] as number))
    const after = gradient(w, 0.5 - (u.b[0] as number))
    expect(Math.max(...[...after.w.data, ...after.b].map(Math.abs))).toBeLessThan(1e-11)
  })

  test('a change of basis of the inputs changes updates as it changes the kernel, without damping', () => {
    const tx = scaleByKfac({ layers, damping: 0 })
    const params = { w: ndarray(numbers(3, 4), [4, 1]) }
    const turn = damped(numbers(5, 16), 4, 3)
    const moved = ndarray(product(inputs.data as Float64Array, turn, n, 4, 4), [n, 4])
    const g = gradient(params.w.data as Float64Array, 0).w
    const [u] = tx.update({ w: g }, tx.init(params), params, { layers: { dense: { inputs, outputGrads } } })
    const turned = { w: ndarray(product(transpose(turn, 4, 4), g.data as Float64Array, 4, 4, 1), [4, 1]) }
    const [v] = tx.update(turned, tx.init(params), params, { layers: { dense: { inputs: moved, outputGrads } } })
    expect(distance(product(turn, v.w.data as Float64Array, 4, 4, 1), u.w.data)).toBeLessThan(1e-10)
  })
})

test('a kernel of a convolution is the matrix of its patches, and leaves of no layer stay', () => {
  const tx = scaleByKfac({ layers: { conv: { kernel: '.k' } }, damping: 0.1 })
  const flat = scaleByKfac({ layers: { conv: { kernel: '.k' } }, damping: 0.1 })
  const samples = { layers: { conv: { inputs: matrix(1, 9, 6), outputGrads: matrix(2, 9, 2) } } }
  const g = numbers(4, 12)
  const conv = { k: ndarray(g.slice(), [1, 2, 3, 2]), b: Float64Array.of(1, 2), c: 3 }
  const dense = { k: ndarray(g.slice(), [6, 2]) }
  const [u] = tx.update(conv, tx.init(conv), conv, samples)
  const [v] = flat.update(dense, flat.init(dense), dense, samples)
  expect(Array.from(u.k.data)).toStrictEqual(Array.from(v.k.data))
  expect([...u.b, u.c]).toStrictEqual([1, 2, 3])
})

test('inverses are kept until they are due', () => {
  const run = (refreshEvery: number, steps: number) => {
    const tx = scaleByKfac({ layers, damping: 0.1, refreshEvery })
    const params = { w: matrix(0, 3, 2) }
    let state = tx.init(params)
    let last: readonly number[] = []
    for (let t = 1; t <= steps; t++) {
      const extra = { layers: { dense: { inputs: matrix(t, 5, 3), outputGrads: matrix(t + 50, 5, 2) } } }
      const [u, next] = tx.update({ w: matrix(7, 3, 2) }, state, params, extra)
      state = next
      last = Array.from(u.w.data)
    }
    return last
  }
  expect(run(3, 3)).toStrictEqual(run(3, 1))
  expect(run(3, 4)).toStrictEqual(run(1, 4))
  expect(run(1, 3)).not.toStrictEqual(run(1, 1))
})

test('without curvature there is damping, and none without that', () => {
  const none = {
    layers: {
      dense: { inputs: ndarray(new Float64Array(6), [2, 3]), outputGrads: ndarray(new Float64Array(4), [2, 2]) }
    }
  }
  const w = { w: matrix(1, 3, 2) }
  const updateOf = (damping: number) => {
    const tx = scaleByKfac({ layers, damping })
    return tx.update(w, tx.init(w), w, none)[0].w.data
  }
  expect(
    distance(
      updateOf(0.25),
      w.w.data.map((x) => x / 0.25)
    )
  ).toBeLessThan(1e-13)
  expect(Array.from(updateOf(0)).every((x) => x === 0)).toBe(true)
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleByKfac({ layers: { dense: { kernel: '.w', bias: '.b' } } })
  const float32 = (t: number, m: number, n: number) => ndarray(Float32Array.from(numbers(t, m * n)), [m, n])
  const extra: KfacExtra = { layers: { dense: { inputs: float32(1, 6, 3), outputGrads: float32(2, 6, 2) } } }
  const grads = { w: float32(3, 3, 2), b: Float32Array.from(numbers(4, 2)) }
  const zero = () => ({ w: ndarray(new Float32Array(6), [3, 2]), b: new Float32Array(2) })
  const run = (): readonly number[] => Array.from(tx.update(grads, tx.init(zero()), zero(), extra)[0].w.data)
  expect(withEngine(reference, run)).toStrictEqual(run())
  const resident = transient(tx, zero())
  resident.step(grads, extra)
  expect(Array.from(resident.params.w.data)).toStrictEqual(run())
  resident.dispose()
})

const w = { w: matrix(1, 3, 2), b: new Float64Array(2) }
const call = (extra: unknown) => {
  const tx = scaleByKfac({ layers })
  return tx.update({ w: w.w }, tx.init({ w: w.w }), { w: w.w }, extra as KfacExtra)
}
test.each([
  [() => scaleByKfac({} as never), 'scaleByKfac: layers must be an object of layers { kernel, bias }'],
  [() => scaleByKfac({ layers, damping: -1 }), 'scaleByKfac: damping must be a finite number ≥ 0, got -1'],
  [() => scaleByKfac({ layers, decay: 1 }), 'scaleByKfac: decay must be in [0, 1), got 1'],
  [
    () => scaleByKfac({ layers: { a: { kernel: '.v' } } }).init(w),
    'scaleByKfac: kernel must be the path of a leaf with at least two axes, got ".v"'
  ],
  [
    () => scaleByKfac({ layers: { a: { kernel: '.w', bias: '.w' } } }).init(w),
    'scaleByKfac: bias must be the path of a vector of 2 elements, got ".w"'
  ],
  [() => call(undefined), 'scaleByKfac: layers.dense must be { inputs, outputGrads }, got undefined'],
  [() => call({ layers: {} }), 'scaleByKfac: layers.dense must be { inputs, outputGrads }, got undefined'],
  [
    () => call({ layers: { dense: { inputs: matrix(1, 4, 2), outputGrads: matrix(1, 4, 2) } } }),
    'scaleByKfac: layers.dense.inputs must be a matrix of some rows and 3 columns, got shape [4, 2]'
  ]
])('refuses %s', (run, message) => {
  expect(run).toThrow(message)
})
