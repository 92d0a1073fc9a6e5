// The functions of `timm` against what timm 1.0.29 was observed to do, with torch 2.13.0, beside the trajectories of `frameworks.test.ts`:
// on one number whose gradient at step t is ½ cos t, and on a matrix that is long enough for its Muon.
import { timm } from '@gradchain/frameworks'
import { type AnyGradientTransformation, applyUpdates, type NdArray, ndarray } from 'gradchain'
import { expect, test } from 'vitest'
import { course } from './frameworksPage.js'

type Observed = readonly [make: () => AnyGradientTransformation, one: number, two: number, ten: number]
const wd = { weightDecay: 0.1 }

const onNumber: Readonly<Record<string, Observed>> = {
  adamw: [() => timm.adamw(), 0.99899000003702, 0.9989034702053, 1.0003697521461],
  'adamw, caution': [() => timm.adamw(1e-3, { caution: true }), 0.99899000003702, 0.99898001013702, 1.0001783620416],
  nadamw: [() => timm.nadamw(), 0.99809000007033, 0.99846534702167, 1.0004044296214],
  radabelief: [() => timm.radabelief(), 0.99972984884707, 0.99971139483687, 1.0002328936887],
  adabelief: [() => timm.adabelief(), 0.99888888888889, 0.99880791360071, 1.0005190949898],
  adamp: [() => timm.adamp(), 0.99900000003702, 0.9989234601053, 1.0004697362937],
  'adamp, nesterov': [
    () => timm.adamp(1e-3, { ...wd, nesterov: true }),
    0.99800000007033,
    0.99828552792166,
    0.99950515387621
  ],
  sgdp: [() => timm.sgdp(0.1, { ...wd, momentum: 0.9 }), 0.87298488470659, 0.78218013429922, 0.45958571648296],
  'sgdp, nesterov': [
    () => timm.sgdp(0.1, { momentum: 0.9, nesterov: true }),
    0.94867128094253,
    0.96632298702685,
    1.2143896270721
  ],
  sgdw: [() => timm.sgdw(0.1, { ...wd, momentum: 0.9 }), 0.96298488470659, 0.94984877392282, 1.0578453280877],
  adafactor: [() => timm.adafactor(), 0.99, 0.9987101563445, 1.0154033336804],
  'adafactor, lr': [() => timm.adafactor(0.01), 0.99, 0.99879813772172, 1.0156796888624],
  'adafactor, betas': [() => timm.adafactor(undefined, { beta1: 0.9 }), 0.999, 0.9989789339584, 1.0031821360766],
  adafactorbv: [() => timm.adafactorbv(0.01, { momentum: null }), 0.99, 0.99879813772172, 1.0197881707543],
  adan: [() => timm.adan(), 0.99900000003702, 0.99940320171347, 1.0011706299501],
  'adan, wd': [() => timm.adan(1e-3, wd), 0.99890011002601, 0.99920339136334, 1.0001707431637],
  adopt: [() => timm.adopt(), 1, 1.0000770211106, 1.0009432458184],
  'adopt, wd': [() => timm.adopt(1e-3, wd), 1, 1.0000291971043, 0.99996396817024],
  adoptw: [() => timm.adopt(1e-3, { ...wd, decoupled: true }), 1, 0.99997702111059, 1.0000431557513],
  lamb: [() => timm.lamb(), 0.999, 0.998001, 0.99999500001],
  'lamb, no decay': [() => timm.lamb(1e-3, { weightDecay: 0 }), 0.99900000370162, 0.99892346408419, 1.0004697357349],
  laprop: [() => timm.laprop(), 0.9996, 0.99959221183928, 1.0002187091092],
  'laprop, wd': [() => timm.laprop(4e-4, wd), 0.999560016, 0.99951224575016, 0.99981878222694],
  larc: [
    () => timm.lars(0.1, { momentum: 0.9, alwaysAdapt: true, trustClip: true }),
    0.99900000003702,
    0.99909900002236,
    1.0038817943632
  ],
  lion: [() => timm.lion(), 0.9999, 1, 1.0002],
  madgrad: [() => timm.madgrad(), 0.99699927357263, 0.99751792684362, 1.0123308710366],
  'madgrad, no momentum': [
    () => timm.madgrad(1e-2, { momentum: 0 }),
    0.96999273572629,
    1.0021858062826,
    1.0629004874286
  ],
  madgradw: [
    () => timm.madgrad(1e-2, { ...wd, decoupledDecay: true }),
    0.99609927357263,
    0.99581143749741,
    1.006451163418
  ],
  mars: [() => timm.mars(), 0.99700000011105, 0.99677024754746, 1.0014025476395],
  'mars, 1-D': [() => timm.mars(3e-3, { optimize1d: true }), 0.99700000011105, 0.9973896897961, 1.0023247295218],
  'mars, lion': [() => timm.mars(3e-3, { optimize1d: true, marsType: 'lion' }), 0.997, 1, 1.006],
  'novograd, averaging': [
    () => timm.novograd(1e-3, { ...wd, gradAveraging: true }),
    0.99994500000185,
    0.99992641844608,
    1.0001025583935
  ],
  rmsproptf: [() => timm.rmsproptf(), 0.99716383293704, 0.99946036257848, 1.0099979158207],
  'rmsproptf, caution': [
    () => timm.rmsproptf(1e-2, { momentum: 0.9, caution: true }),
    0.99716383293704,
    0.99716383293704,
    1.0169185602172
  ],
  'muon on a number': [() => timm.muon(), 0.98000000740326, 0.9784642719667, 1.0091534982829],
  'nmuon on a number': [() => timm.muon(0.02, { nesterov: true }), 0.96200001406619, 0.96973142462217, 1.0097519124102]
}

test.each(Object.entries(onNumber))('%s: w after steps 1, 2 and 10', (_, [make, ...wanted]) => {
  const steps = course(make(), false)
  wanted.forEach((w, i) => {
    expect(Math.abs((steps[[0, 1, 9][i] ?? 0] ?? Number.NaN) - w)).toBeLessThanOrEqual(2e-13)
  })
})

/** What the test calls; which trees and states fit is the matter of other tests. */
interface Driven {
  readonly init: (params: Params) => unknown
  readonly update: (updates: Params, state: unknown, params: Params) => readonly [updates: Params, state: unknown]
}
interface Params {
  readonly w: NdArray<'float64'>
}

type Corners = readonly [first: number, last: number]
type OnMatrix = readonly [make: () => AnyGradientTransformation, one: Corners, two: Corners, ten: Corners]

// Their iterations in float64, as timm's own code has them when it is given that dtype.
const onMatrix: Readonly<Record<string, OnMatrix>> = {
  muon: [
    () => timm.muon(),
    [0.495678149322, 2.801599383025],
    [0.495804219176, 2.805998397296],
    [0.513790499984, 2.826100542241]
  ],
  nmuon: [
    () => timm.muon(0.02, { nesterov: true }),
    [0.495678149322, 2.801599383025],
    [0.497871928911, 2.806480598103],
    [0.511296113171, 2.814257478669]
  ],
  'muon, original factor': [
    () => timm.muon(0.02, { adjustLrFn: 'original' }),
    [0.489195373304, 2.803998457563],
    [0.48951054794, 2.814995993239],
    [0.534476249959, 2.865251355603]
  ],
  'muon, original coefficients': [
    () => timm.muon(0.02, { nsCoefficients: 'original' }),
    [0.496692826304, 2.8022442529],
    [0.497111541111, 2.806959520976],
    [0.511307181964, 2.82423812421]
  ],
  'muon, polar express': [
    () => timm.muon(0.02, { nsCoefficients: 'polar_express' }),
    [0.495507525007, 2.801307701011],
    [0.495840836585, 2.805986430216],
    [0.513946104223, 2.825490555511]
  ],
  'muon, decay': [
    () => timm.muon(0.02, wd),
    [0.494678149322, 2.795999383025],
    [0.493814862877, 2.794806398529],
    [0.503796787426, 2.770378234549]
  ],
  adamuon: [
    () => timm.adamuon(),
    [0.495999996822, 2.803999996275],
    [0.496170308839, 2.809366260086],
    [0.514557707551, 2.830790986947]
  ],
  nadamuon: [
    () => timm.adamuon(0.02, { nesterov: true }),
    [0.495999996822, 2.803999996275],
    [0.498674623638, 2.809515977115],
    [0.511880150064, 2.817383529843]
  ],
  'adamuon, rms_to_rms': [
    () => timm.adamuon(0.02, { adjustLrFn: 'rms_to_rms' }),
    [0.475505108125, 2.824494882422],
    [0.476528349447, 2.856735605069],
    [0.589407957906, 2.985555429719]
  ]
}

test.each(Object.entries(onMatrix))('%s: corners of a matrix of 6 × 4 after steps 1, 2 and 10', (_, row) => {
  const [make, ...wanted] = row
  const filled = (at: (k: number) => number) =>
    ndarray(
      Float64Array.from({ length: 24 }, (_, k) => at(k)),
      [6, 4]
    )
  const { init, update } = make() as unknown as Driven
  let params: Params = { w: filled((k) => 0.5 + 0.1 * k) }
  let state = init(params)
  const corners = Array.from({ length: 10 }, (_, t) => {
    const [updates, next] = update({ w: filled((k) => 0.5 * Math.cos(t + 1 + k * k)) }, state, params)
    params = applyUpdates(params, updates)
    state = next
    return [params.w.data[0] ?? Number.NaN, params.w.data[23] ?? Number.NaN] as const
  })
  wanted.forEach((pair, i) => {
    const found = corners[[0, 1, 9][i] ?? 0] ?? []
    pair.forEach((w, corner) => {
      expect(Math.abs((found[corner] ?? Number.NaN) - w)).toBeLessThanOrEqual(1e-10)
    })
  })
})

test.each<readonly [name: string, make: () => AnyGradientTransformation, row: readonly number[]]>([
  ['adamp', () => timm.adamp(0.1), [0.99999999800002, -0.099999999, -0.099999998, 0.099999998]],
  ['adamp, decay', () => timm.adamp(0.1, wd), [0.99899999800002, -0.099999999, -0.099999998, 0.099999998]]
])('%s: a row of params whose gradient is nearly across it, after a step', (_, make, row) => {
  const rows = (values: readonly number[]) => ndarray(Float64Array.from([...values, ...values]), [2, 4])
  const { init, update } = make() as unknown as Driven
  const params: Params = { w: rows([1, 0, 0, 0]) }
  const [updates] = update({ w: rows([0.001, 1, 0.5, -0.5]) }, init(params), params)
  const found = applyUpdates(params, updates).w.data
  ;[...row, ...row].forEach((w, i) => {
    expect(Math.abs((found[i] ?? Number.NaN) - w)).toBeLessThanOrEqual(1e-13)
  })
})
