import { readFileSync } from 'node:fs'
import { conda, fira, splus } from '@gradchain/matrix'
import {
  type AnyGradientTransformation,
  alig,
  chebyshevSchedule,
  focus,
  ndarray,
  proportionalSchedule,
  rexSchedule,
  type Schedule,
  stableSpam,
  step,
  vsgd
} from 'gradchain'
import { describe, expect, test } from 'vitest'

interface Leaves {
  readonly a: readonly (readonly number[])[]
  readonly b: readonly number[]
}
interface Published {
  readonly schedules: {
    readonly chebyshev: Readonly<Record<'8' | '16', readonly number[]>>
    readonly rex: readonly number[]
    readonly proportion: readonly number[]
  }
  readonly start: Leaves
  readonly gradients: readonly Leaves[]
  readonly values: readonly number[]
  readonly optimizers: Readonly<Record<string, readonly Leaves[]>>
}
const published = JSON.parse(readFileSync(new URL('./data/published.json', import.meta.url), 'utf8')) as Published

describe('schedules of pytorch_optimizer', () => {
  const { chebyshev, rex, proportion } = published.schedules
  const learningRate = rexSchedule({ initValue: 0.3, endValue: 0.05, decaySteps: 5 })
  const rows: readonly (readonly [name: string, schedule: Schedule, wanted: readonly number[], length: number])[] = [
    ['chebyshev of 8', chebyshevSchedule({ smallest: 0.1, largest: 1, cycleSteps: 8 }), chebyshev[8], 8],
    ['chebyshev of 16', chebyshevSchedule({ smallest: 0.05, largest: 2, cycleSteps: 16 }), chebyshev[16], 16],
    ['rex', learningRate, rex, 7],
    [
      'proportion',
      proportionalSchedule({
        learningRate,
        maxLearningRate: 0.3,
        minLearningRate: 0.05,
        maxValue: 2,
        minValue: 0.5
      }),
      proportion,
      7
    ]
  ]
  test.each(rows)('%s', (_, schedule, wanted, length) => {
    expect(wanted).toHaveLength(length)
    for (const [t, value] of wanted.entries()) expect(schedule(t)).toBeCloseTo(value, 13)
  })
})

/** Ours, by the names of `generate_published.py`. */
const optimizers: Readonly<Record<string, () => AnyGradientTransformation>> = {
  focus: () => focus(0.01, { b1: 0.5, b2: 0.75, gamma: 0.25, weightDecay: 0.1 }),
  'focus/defaults': () => focus(0.01),
  vsgd: () => vsgd(0.05, { noiseRatio: 5, priorStrength: 1e-3, tau1: 0.5, tau2: 0.25, weightDecay: 0.1, eps: 1e-3 }),
  'vsgd/defaults': () => vsgd(0.1),
  stableSpam: () =>
    stableSpam(0.05, {
      b1: 0.8,
      b2: 0.9,
      eps: 1e-3,
      weightDecay: 0.1,
      gamma1: 0.5,
      gamma2: 0.75,
      theta: 0.6,
      resetPeriod: 7
    }),
  'stableSpam/defaults': () => stableSpam(1e-3),
  // A decay is applied after the step there.
  splus: () => splus(0.05, { b1: 0.8, b2: 0.9, refreshEvery: 3, weightDecay: 0 }),
  'splus/defaults': () => splus(0.1, { weightDecay: 0 }),
  conda: () => conda(0.05, { b1: 0.8, b2: 0.9, eps: 1e-3, updateProjGap: 3, scale: 0.25 }),
  'conda/defaults': () => conda(1e-3),
  // Directions that are chosen anew point along the old ones here: these stay.
  fira: () => fira(0.05, { b1: 0.8, b2: 0.9, eps: 1e-3, rank: 1, scale: 0.25 }),
  'fira/defaults': () => fira(1e-3, { rank: 1 }),
  alig: () => alig(0.1, { momentum: 0.9, eps: 0.5 }),
  'alig/defaults': () => alig(1)
}

describe('optimizers as their authors publish them', () => {
  test('the two sides have the same rows', () => {
    expect(Object.keys(optimizers).sort()).toStrictEqual(Object.keys(published.optimizers).sort())
  })

  test.each(Object.keys(optimizers))('%s', (name) => {
    const tree = ({ a, b }: Leaves) => ({ a: ndarray(Float64Array.from(a.flat()), [2, 3]), b: Float64Array.from(b) })
    const tx = (optimizers[name] as () => AnyGradientTransformation)()
    const wanted = published.optimizers[name] as readonly Leaves[]
    let params = tree(published.start)
    let state = tx.init(params)
    for (const [t, { a, b }] of wanted.entries()) {
      const value = published.values[t] as number
      ;[params, state] = step(tx, tree(published.gradients[t] as Leaves), state, params, { value })
      for (const [i, x] of [...a.flat(), ...b].entries()) expect([...params.a.data, ...params.b][i]).toBeCloseTo(x, 12)
    }
    expect(wanted).toHaveLength(12)
  })
})
