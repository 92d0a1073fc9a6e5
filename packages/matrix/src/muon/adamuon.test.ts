import { chain, type GradientTransformation, ndarray, step } from '@gradchain/core'
import { scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { adamuon } from './adamuon.js'
import { normuon } from './normuon.js'
import { scaleByMuon } from './scaleByMuon.js'
import { scaleByMuonRms } from './scaleByMuonRms.js'
import { scaleByShape } from './scaleByShape.js'

const params = () => ({ w: ndarray(new Float64Array(12).fill(1), [3, 4]), b: new Float64Array(2) })
const grads = () => ({
  w: ndarray(
    Float64Array.from({ length: 12 }, (_, k) => Math.cos(k * k)),
    [3, 4]
  ),
  b: new Float64Array([1, -2])
})

describe.each([
  ['normuon', normuon, 'output'],
  ['adamuon', adamuon, 'element']
] as const)('%s', (name, alias, per) => {
  test('on matrices is its chain, on other leaves Adam', () => {
    const tx = alias(0.1)
    const [u] = tx.update(grads(), tx.init(params()), params())
    const { w } = grads()
    const parts = chain(
      scaleByMuon({ nesterov: false, debias: false }),
      scaleByMuonRms({ per }),
      scaleByLearningRate(0.1)
    )
    const [v] = parts.update({ w }, parts.init({ w }), { w })
    expect(Array.from(u.w.data)).toStrictEqual(Array.from(v.w.data))
    const adam = chain(scaleByAdam(), scaleByLearningRate(0.1))
    const { b } = grads()
    expect(u.b).toStrictEqual(adam.update({ b }, adam.init({ b }), { b })[0].b)
  })

  test('has updates whose root mean square is the learning rate times rms, and decays beside', () => {
    const root = (data: ArrayLike<number>) => Math.hypot(...Array.from(data)) / Math.sqrt(data.length)
    const tx = alias(0.1, { rms: 0.5 })
    const [u] = tx.update(grads(), tx.init(params()), params())
    expect(root(u.w.data)).toBeCloseTo(0.05, 8)
    const decaying = alias(0.1, { rms: 0.5, weightDecay: 0.2, adamWeightDecay: 0.2 })
    const [v] = decaying.update(grads(), decaying.init(params()), params())
    expect(
      distance(
        v.w.data,
        Array.from(u.w.data, (x) => x - 0.02)
      )
    ).toBeLessThan(1e-15)
  })

  test('refuses what is out of range, in its name or that of the part', () => {
    expect(() => alias(0.1, { weightDecay: -1 })).toThrow(`${name}: weightDecay must be a finite number ≥ 0`)
    expect(() => alias(0.1, { adamWeightDecay: -1 })).toThrow(`${name}: adamWeightDecay must be a finite number ≥ 0`)
    expect(() => alias(0.1, { rmsEps: 0 })).toThrow('scaleByMuonRms: eps must be a finite number > 0, got 0')
  })
})

test('the first step of AdaMuon is a sign step; of signs it is that of their orthogonal factor', () => {
  const g = { w: grads().w }
  const tx = adamuon(0.1)
  const [u] = tx.update(g, tx.init(g), g)
  expect(distance(Array.from(u.w.data, Math.abs), Array(12).fill(0.02))).toBeLessThan(1e-6)
  const ofSigns = adamuon(0.1, { ofSigns: true })
  const [v] = ofSigns.update(g, ofSigns.init(g), g)
  const signs = { w: ndarray(g.w.data.map(Math.sign), [3, 4]) }
  const [w] = tx.update(signs, tx.init(signs), signs)
  expect(distance(v.w.data, w.w.data)).toBeLessThan(1e-12)
})

const matrix = (at: (k: number) => number) => ({
  w: ndarray(
    Float64Array.from({ length: 24 }, (_, k) => at(k)),
    [6, 4]
  )
})

/** The first and the last element of the matrix after 1, 2 and 10 steps. */
const trajectory = <S>(tx: GradientTransformation<S>): readonly number[] => {
  let params = matrix((k) => 0.5 + 0.1 * k)
  let state = tx.init(params)
  const seen: number[] = []
  for (let t = 1; t <= 10; t++) {
    ;[params, state] = step(
      tx,
      matrix((k) => 0.5 * Math.cos(t + k * k)),
      state,
      params
    )
    if (t < 3 || t === 10) seen.push(params.w.data[0] as number, params.w.data[23] as number)
  }
  return seen
}

// What timm 1.0.29 does with its iterations in float64; matrices are [out, in] there.
const outIn = { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } } as const
const timm = { coefficients: 'dion', eps: 0, ...outIn } as const
test.each<readonly [string, () => readonly number[], readonly number[]]>([
  [
    'adamuon',
    () => trajectory(adamuon(0.02, { ...timm, rmsEps: 1e-7 })),
    [0.495999996822, 2.803999996275, 0.496170308839, 2.809366260086, 0.514557707551, 2.830790986947]
  ],
  [
    'nadamuon',
    () => trajectory(adamuon(0.02, { ...timm, rmsEps: 1e-7, nesterov: true })),
    [0.495999996822, 2.803999996275, 0.498674623638, 2.809515977115, 0.511880150064, 2.817383529843]
  ],
  [
    'adamuon with rms_to_rms',
    () =>
      trajectory(
        chain(
          scaleByMuon({ ...timm, nesterov: false, debias: false }),
          scaleByMuonRms({ per: 'element', eps: 1e-7, debias: true, rms: null, ...outIn }),
          scaleByShape({ adjustLr: 'rmsToRms', ...outIn }),
          scaleByLearningRate(0.02)
        )
      ),
    [0.475505108125, 2.824494882422, 0.476528349447, 2.856735605069, 0.589407957906, 2.985555429719]
  ]
])('does what timm does as %s', (_, found, wanted) => {
  expect(distance(found(), wanted)).toBeLessThan(2e-12)
})
