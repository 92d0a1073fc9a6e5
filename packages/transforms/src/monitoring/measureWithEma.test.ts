import { mul, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aDecay, refuses } from '../internal/testing/courses.js'
import { run } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { ema } from '../momentum/ema.js'
import { measureWithEma } from './measureWithEma.js'
import { monitor } from './monitor.js'

const norm = (updates: Tree) => tree.norm(updates)
const doubled = (updates: Tree) => tree.map((g) => mul(2, g), updates)

describe('measureWithEma', () => {
  test('is the average that ema makes of updates, of the measurements', () => {
    fc.assert(
      fc.property(aTrajectory(), aDecay, fc.boolean(), (trajectory, decay, debias) => {
        const { states } = run(monitor({ m: measureWithEma(doubled, decay, { debias }) }), trajectory)
        const grads = run(monitor({ m: doubled }), trajectory).states.slice(1)
        const averages = run(ema(decay, { debias }), {
          params: trajectory.params,
          grads: grads.map(({ measurements }) => measurements.m)
        })
        expect(states.slice(1).map(({ measurements }) => textOf(measurements.m))).toEqual(averages.updates.map(textOf))
        expect(states.map(({ measureStates }) => textOf(measureStates.m))).toEqual(averages.states.map(textOf))
      })
    )
  })

  test('with decay 0 it is the measure', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const { states } = run(monitor({ smooth: measureWithEma(norm, 0), norm }), trajectory)
        for (const { measurements } of states.slice(1)) expect(measurements.smooth).toBe(measurements.norm)
      })
    )
  })

  test('keeps its average in the dtype asked for, the measurement in its own', () => {
    const all = (updates: Tree) => updates
    const tx = monitor({ wide: measureWithEma(all, 0.5, { accumulatorDtype: 'float64' }) })
    const params = { w: new Float32Array([0]) }
    const grads = { w: new Float32Array([0.1]) }
    const [, state] = tx.update(grads, tx.init(params), params)
    expect(textOf(tx.init(params).measureStates.wide)).toBe('{ count: 0, ema: { w: Float64Array(0) } }')
    expect(textOf(state)).toBe(
      `{ measurements: { wide: { w: Float32Array(${Math.fround(0.1)}) } }, ` +
        `measureStates: { wide: { count: 1, ema: { w: Float64Array(${Math.fround(0.1) / 2}) } } } }`
    )
  })

  test('its state stays in the dtype asked for where measurements are wider', () => {
    const all = (updates: Tree) => updates
    const tx = monitor({ narrow: measureWithEma(all, 0.5, { accumulatorDtype: 'float32' }) })
    const params = { w: new Float64Array([0]) }
    const [, state] = tx.update({ w: new Float64Array([0.1]) }, tx.init(params), params)
    expect(textOf(state.measureStates.narrow)).toBe(`{ count: 1, ema: { w: Float32Array(${Math.fround(0.05)}) } }`)
  })

  refuses([
    // @ts-expect-error -- a measure is a function
    ['measureWithEma: measure must be a function, got 0.9', () => measureWithEma(0.9, norm)],
    ['measureWithEma: decay must be in [0, 1), got 1', () => measureWithEma(norm, 1)],
    // @ts-expect-error -- the decay is a number
    ['measureWithEma: decay must be in [0, 1), got undefined', () => measureWithEma(norm)],
    // @ts-expect-error -- debias is a boolean
    ['measureWithEma: debias must be true or false, got 1', () => measureWithEma(norm, 0.9, { debias: 1 })],
    [
      'measureWithEma: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"',
      // @ts-expect-error -- there is no such dtype
      () => measureWithEma(norm, 0.9, { accumulatorDtype: 'int8' })
    ],
    [
      'measureWithEma: there is no option bias; there are debias, accumulatorDtype',
      // @ts-expect-error -- there is no such option
      () => measureWithEma(norm, 0.9, { bias: true })
    ]
  ])
})
