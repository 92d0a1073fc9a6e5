import { chain, type GradientTransformation, ndarray, step, transient } from '@gradchain/core'
import { scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Case, dataOf, distance, matrices, transpose } from '../internal/testing.js'
import { type MuonOptions, muon } from './muon.js'
import { type ScaleByMuonOptions, scaleByMuon } from './scaleByMuon.js'
import { scaleByShape } from './scaleByShape.js'

const weights = () => ({
  w: ndarray(
    Float64Array.from({ length: 24 }, (_, k) => 0.5 + 0.1 * k),
    [6, 4]
  )
})
const gradients = (t: number) => ({
  w: ndarray(
    Float64Array.from({ length: 24 }, (_, k) => 0.5 * Math.cos(t + k * k)),
    [6, 4]
  )
})

/** The first and the last element of the matrix after the steps asked for. */
const trajectory = <S>(tx: GradientTransformation<S>, ...steps: readonly number[]): readonly number[] => {
  let params = weights()
  let state = tx.init(params)
  const seen: number[] = []
  for (let t = 1; t <= Math.max(...steps); t++) {
    ;[params, state] = step(tx, gradients(t), state, params)
    if (steps.includes(t)) seen.push(params.w.data[0] as number, params.w.data[23] as number)
  }
  return seen
}

// What timm 1.0.29 does with its iterations in float64; matrices are [out, in] there.
const timm: MuonOptions = {
  coefficients: 'dion',
  nesterov: false,
  debias: false,
  eps: 0,
  adjustLr: 'matchRmsAdamw',
  weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 }
}
test.each<readonly [string, MuonOptions, readonly number[]]>([
  [
    'its defaults',
    {},
    [0.495678149322, 2.801599383025, 0.495804219176, 2.805998397296, 0.5137904999837, 2.826100542241]
  ],
  [
    'nesterov',
    { nesterov: true },
    [0.495678149322, 2.801599383025, 0.497871928911, 2.806480598103, 0.511296113171, 2.814257478669]
  ],
  [
    'its original factor',
    { adjustLr: 'original' },
    [0.489195373304, 2.803998457563, 0.48951054794, 2.814995993239, 0.534476249959, 2.865251355603]
  ],
  [
    "Jordan's coefficients",
    { coefficients: 'jordan' },
    [0.496692826304, 2.8022442529, 0.497111541111, 2.806959520976, 0.511307181964, 2.82423812421]
  ],
  [
    'Polar Express',
    { method: 'polarExpress', coefficients: undefined },
    [0.495507525007, 2.301307701011 + 0.5, 0.495840836585, 2.805986430216, 0.513946104223, 2.825490555511]
  ],
  [
    'weight decay',
    { weightDecay: 0.1 },
    [0.494678149322, 2.795999383025, 0.493814862877, 2.794806398529, 0.503796787426, 2.770378234549]
  ]
])('does what timm does with %s', (_, options, wanted) => {
  expect(distance(trajectory(muon(0.02, { ...timm, ...options }), 1, 2, 10), wanted)).toBeLessThan(2e-12)
})

describe('the leaves', () => {
  const params = () => ({
    kernel: ndarray(
      Float64Array.from({ length: 6 }, (_, k) => k),
      [2, 3]
    ),
    bias: new Float64Array([1, 2]),
    temperature: 3,
    conv: ndarray(new Float64Array(16).fill(1), [2, 1, 2, 4])
  })
  const grads = () => ({
    kernel: ndarray(
      Float64Array.from({ length: 6 }, (_, k) => Math.cos(k)),
      [2, 3]
    ),
    bias: new Float64Array([1, -1]),
    temperature: -2,
    conv: ndarray(
      Float64Array.from({ length: 16 }, (_, k) => Math.sin(k * k + 1)),
      [2, 1, 2, 4]
    )
  })
  const adam = chain(scaleByAdam({ nesterov: true }), scaleByLearningRate(0.1))

  test('that are no matrices do what NAdam does', () => {
    const tx = muon(0.1)
    const [u] = tx.update(grads(), tx.init(params()), params())
    const [v] = adam.update(grads(), adam.init(params()), params())
    expect([...u.bias, u.temperature, ...u.conv.data]).toStrictEqual([...v.bias, v.temperature, ...v.conv.data])
  })

  test('… or what Adam does that does not look ahead, with an eps of its own', () => {
    const tx = muon(0.1, { adamNesterov: false, adamEps: 0.5, adamB1: 0.8, adamB2: 0.9, adamEpsRoot: 0.1 })
    const plain = chain(scaleByAdam({ b1: 0.8, b2: 0.9, eps: 0.5, epsRoot: 0.1 }), scaleByLearningRate(0.1))
    const [u] = tx.update(grads(), tx.init(params()), params())
    const [v] = plain.update(grads(), plain.init(params()), params())
    expect([...u.bias, u.temperature, ...u.conv.data]).toStrictEqual([...v.bias, v.temperature, ...v.conv.data])
  })

  test('of more axes are matrices by their dimension numbers, with the factor of the matrix', () => {
    const spec = { reductionAxis: [0, 1, 2], outputAxis: 3 }
    const tx = muon(0.1, { weightDimensionNumbers: (path) => (path === '.conv' ? spec : null) })
    const [u] = tx.update(grads(), tx.init(params()), params())
    const flat = { w: ndarray(grads().conv.data.slice() as Float64Array, [4, 4]) }
    const plain = muon(0.1)
    const [v] = plain.update(flat, plain.init(flat), flat)
    expect(Array.from(u.conv.data)).toStrictEqual(Array.from(v.w.data))
    expect(u.conv.shape).toStrictEqual([2, 1, 2, 4])
    const [w] = adam.update(grads(), adam.init(params()), params())
    expect(Array.from(u.kernel.data)).toStrictEqual(Array.from(w.kernel.data))
  })

  test('with axes the other way round take the transposed step', () => {
    const g = grads().kernel
    const turned = { w: ndarray(transpose(g.data, 2, 3), [3, 2]) }
    const plain = muon(0.1)
    const other = muon(0.1, { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } })
    const [u] = plain.update({ w: g }, plain.init({ w: g }), { w: g })
    const [v] = other.update(turned, other.init(turned), turned)
    expect(distance(transpose(v.w.data, 3, 2), u.w.data)).toBeLessThan(1e-12)
  })

  test('of one number, of zeros, of one row', () => {
    for (const shape of [
      [1, 1],
      [3, 3],
      [1, 4]
    ]) {
      const size = shape.reduce((n, length) => n * length, 1)
      const w = { w: ndarray(new Float32Array(size), shape) }
      const tx = muon(0.1)
      const [u, state] = tx.update(w, tx.init(w), w)
      expect(Array.from(u.w.data, Math.abs)).toStrictEqual(Array(size).fill(0))
      const [next] = tx.update({ w: ndarray(new Float32Array(size).fill(2), shape) }, state, w)
      expect(next.w.data.every((x) => x < 0 && x > -0.3)).toBe(true)
    }
  })
})

/** The updates of a matrix for all of its gradients. */
const updatesOf = (options: ScaleByMuonOptions, gradients: readonly Case[]): readonly Float64Array[] => {
  const [{ rows, columns }] = gradients as [Case]
  const tx = scaleByMuon({ eps: 0, ...options })
  let state = tx.init({ w: ndarray(new Float64Array(rows * columns), [rows, columns]) })
  return gradients.map(({ data }) => {
    const g = {
      w: ndarray(
        Float64Array.from({ length: rows * columns }, (_, k) => data[k % data.length] as number),
        [rows, columns]
      )
    }
    const [u, next] = tx.update(g, state, g)
    state = next
    return u.w.data
  })
}

describe.each<ScaleByMuonOptions>([
  {},
  { gram: true, preconditioning: 'schatten' },
  { method: 'svd', nesterov: false },
  { method: 'polarExpress', preconditioning: 'aol', debias: false }
])('with %o', (options) => {
  const histories = fc.array(
    matrices.filter(({ data }) => data.every((x) => x === 0 || (Math.abs(x) > 1e-100 && Math.abs(x) < 1e100))),
    { minLength: 1, maxLength: 3 }
  )

  test('all gradients times a power of two have the same updates', () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(2 ** 40, 2 ** -60), (gradients, scale) => {
        const scaled = gradients.map((g) => ({ ...g, data: g.data.map((x) => x * scale) }))
        const [found, wanted] = [updatesOf(options, scaled), updatesOf(options, gradients)]
        found.forEach((u, t) =>
          expect(distance(u, wanted[t] ?? [])).toBeLessThan(options.method === 'svd' ? 1e-9 : 1e-300)
        )
      }),
      { numRuns: 30 }
    )
  })

  test('no element of an update is above 1.25, and NaN makes its matrix NaN', () => {
    fc.assert(
      fc.property(histories, (gradients) => {
        const found = updatesOf(options, gradients)
        expect(found.every((u) => u.every((x) => Math.abs(x) < 1.25))).toBe(true)
        const [first] = gradients as [Case]
        const spoiled = updatesOf(options, [{ ...first, data: first.data.map((x, k) => (k === 0 ? Number.NaN : x)) }])
        expect(spoiled[0]?.every(Number.isNaN)).toBe(true)
      }),
      { numRuns: 30 }
    )
  })
})

test('adaptive, an update is multiplied by its dual norm', () => {
  const options = { method: 'svd', beta: 0 } as const
  const g = { w: ndarray(new Float64Array([3, 0, 0, 4]), [2, 2]) }
  const tx = scaleByMuon({ ...options, adaptive: true })
  const [u] = tx.update(g, tx.init(g), g)
  expect(distance(u.w.data, [7, 0, 0, 7])).toBeLessThan(1e-12)
})

test.each([
  ['original', 3, 12, 2],
  ['original', 12, 3, 1],
  ['matchRmsAdamw', 3, 12, 0.2 * Math.sqrt(12)],
  ['rmsToRms', 12, 3, 0.5]
] as const)('scaleByShape %s of %i × %i', (adjustLr, rows, columns, factor) => {
  const g = { w: ndarray(new Float64Array(rows * columns).fill(1), [rows, columns]) }
  const tx = scaleByShape({ adjustLr })
  expect(tx.update(g, tx.init(g), g)[0].w.data[0]).toBeCloseTo(factor, 14)
})

const one = { w: ndarray(new Float32Array(4), [2, 2]), b: new Float32Array(2) }
test.each([
  [() => muon(0.1, { weightDecay: -1 }), 'muon: weightDecay must be a finite number ≥ 0 or a schedule, got -1'],
  [() => muon(0.1, { beta: 1 }), 'scaleByMuon: beta must be in [0, 1), got 1'],
  [
    () => muon(0.1, { weightDimensionNumbers: 3 as never }),
    'scaleByMuon: weightDimensionNumbers must be undefined, { reductionAxis, outputAxis }'
  ],
  [
    () => scaleByMuon().init(one),
    'scaleByMuon: params.b must be a matrix, got shape [2]; say with weightDimensionNumbers'
  ],
  [
    () => scaleByMuon({ weightDimensionNumbers: { reductionAxis: 2 } }).init({ w: one.w }),
    'scaleByMuon: reductionAxis of params.w must be axes of shape [2, 2], got 2'
  ],
  [
    () => scaleByMuon({ weightDimensionNumbers: { reductionAxis: 1 } }).init({ w: one.w }),
    'scaleByMuon: reductionAxis and outputAxis of params.w must not overlap, got 1 and 1'
  ],
  [
    () => muon(0.1, { weightDimensionNumbers: () => 'all' as never }).init(one),
    'weightDimensionNumbers(".w") must be { reductionAxis, outputAxis } or null, got "all"'
  ],
  [() => scaleByShape({ consistentRms: 0 }), 'scaleByShape: consistentRms must be a finite number > 0, got 0']
])('refuses %s', (call, message) => {
  expect(call).toThrow(message)
})

test('what a state holds is the momentum', () => {
  const tx = scaleByMuon({ beta: 0.5 })
  const [, state] = tx.update({ w: one.w }, tx.init({ w: one.w }), { w: one.w })
  expect(state.count).toBe(1)
  expect(Array.from(dataOf((state.mu as typeof one).w as never))).toStrictEqual([0, 0, 0, 0])
})

test.each([false, true])(
  'in transient there is room for what a step on a large matrix stores in between; gram %s',
  (gram) => {
    const w = ndarray(new Float32Array(1024 * 1024), [1024, 1024])
    const run = transient(muon(0.02, { gram, steps: 2 }), { w })
    for (let k = 0; k < w.data.length; k++) run.grads.w.data[k] = (k % 17) - 8
    run.step()
    expect(run.bytes.scratchUsed).toBeGreaterThan(4 * run.bytes.params)
    run.dispose()
  }
)
