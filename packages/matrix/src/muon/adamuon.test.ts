import { chain, ndarray } from '@gradchain/core'
import { scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { adamuon } from './adamuon.js'
import { normuon } from './normuon.js'
import { scaleByMuon } from './scaleByMuon.js'
import { scaleByMuonRms } from './scaleByMuonRms.js'

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
