import { add, chain, mul, ndarray, read, type Tree, tree, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectGolden, GOLDEN, refuses } from '../internal/testing/courses.js'
import { bareMomentum, momentum, plain, run, steps, stepsInPlace, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, leavesOf, textOf } from '../internal/testing/trees.js'
import { counting } from '../internal/testing/wrapperLaws.js'
import { ema } from '../momentum/ema.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import type { StatefulMeasure } from './measure.js'
import { measureWithEma } from './measureWithEma.js'
import { monitor } from './monitor.js'
import { snapshot } from './snapshot.js'

const norm = (updates: Tree) => tree.norm(updates)

/** The greatest sum so far, and how many were greater than those before. */
const record: StatefulMeasure<{ readonly best: Tree; readonly calls: number }> = {
  init: () => ({ best: 0, calls: 0 }),
  measure: (updates, { best, calls }) => {
    const next = add(tree.sum(updates), best as number)
    return [mul(2, next), { best: next, calls: calls + 1 }]
  }
}

describe('monitor', () => {
  test('is the identity on updates', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const tx = chain(momentum(), monitor({ norm, smooth: measureWithEma(norm, 0.5), ema: ema(0.9) }), momentum())
        expect(textOf(run(tx, trajectory).updates)).toBe(textOf(run(chain(momentum(), momentum()), trajectory).updates))
      })
    )
  })

  test('a function gives what snapshot gives, a transformation what it emits where the monitor stands', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const { states } = run(chain(momentum(), monitor({ norm, moved: momentum() })), trajectory)
        const seen = run(chain(momentum(), snapshot('norm', norm)), trajectory).states
        // One that does not look at the params, which are not the same alone.
        const traced = run(chain(momentum(), monitor({ traced: trace(0.5) })), trajectory).states
        const alone = run(
          chain(
            momentum(),
            snapshot('all', (u) => u)
          ),
          trajectory
        ).states
        const wanted = run(trace(0.5), {
          params: trajectory.params,
          grads: alone.slice(1).map(([, { measurement }]) => measurement.all)
        }).updates
        expect(states.map(([, { measurements }]) => textOf(measurements.norm))).toEqual(
          seen.map(([, { measurement }]) => textOf(measurement.norm))
        )
        expect(traced.slice(1).map(([, { measurements }]) => textOf(measurements.traced))).toEqual(wanted.map(textOf))
      })
    )
  })

  test('has the same structure before and after the first update, and is the same in one step and in place', () => {
    const tx = chain(monitor({ norm, record, all: (updates: Tree) => updates, moved: momentum() }), momentum())
    const form = (state: unknown) => textOf(state).replace(/-?\d[\d.]*(e[+-]?\d+)?|-?Infinity|NaN/g, '0')
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        expect(new Set(run(tx, trajectory).states.map(form)).size).toBe(1)
        expect(textOf(stepsInPlace(tx, trajectory))).toBe(textOf(steps(tx, trajectory)))
      })
    )
  })

  test('agrees with Optax', () => {
    const tx = monitor({
      n: norm,
      e: measureWithEma(norm, 0.9),
      r: measureWithEma(norm, 0.75, { debias: false }),
      t: trace(0.5)
    })
    const { states } = run(tx, {
      params: Float64Array.from(GOLDEN.params),
      grads: GOLDEN.gradients.map((g) => Float64Array.from(g))
    })
    const rows = states
      .slice(1)
      .map(({ measurements: { n, e, r, t } }) => [
        ...[n, e, r].map(read),
        ...leavesOf(t).flatMap((leaf) => [...(leaf as Float64Array)])
      ])
    const golden = [
      [3.640054944640259, 3.640054944640259, 0.9100137361600648, 0.5, -2, 3],
      [1.8200274723201295, 2.682145748682296, 1.137517170200081, 1.75, -0.75, 0.5],
      [2.1396553460779613, 2.481964788311693, 1.388051714169551, 0.125, -2.375, 0.375],
      [4.123105625617661, 2.95917933826981, 2.071815192031578, 0.0625, -0.1875, 4.1875]
    ]
    // The order of operations may differ: some ulps.
    golden.forEach((row, t) => {
      row.forEach((wanted, i) => {
        expect(Math.abs((rows[t]?.[i] ?? NaN) - wanted)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(wanted)))
      })
    })
    expectGolden(chain(tx), GOLDEN.gradients)
  })

  test('a measure remembers; a bare transformation is shown arrays', () => {
    const inner = bareMomentum()
    const tx = chain(scale(2), monitor({ record, inner }))
    const params = { w: new Float32Array([8]) }
    let state = tx.init(params)
    const seen = [1, 5, -3].map((x) => {
      state = tx.update({ w: new Float32Array([x]) }, state, params)[1]
      return read(state[1].measurements.record as number)
    })
    expect(seen).toStrictEqual([4, 24, 12])
    expect(state[1].measureStates.record.calls).toBe(3)
    expect(inner.calls[0]?.updates).toStrictEqual({ w: new Float32Array([2]) })
    expect(textOf(state[1].measurements.inner)).toBe('{ w: Float32Array(1.25) }')
  })

  test('is computed in the same pass', () => {
    const engine = counting()
    const params = { w: new Float32Array([1, 2]) }
    const tx = chain(momentum(), monitor({ norm, smooth: measureWithEma(norm, 0.5), moved: momentum() }), momentum())
    const state = tx.init(params)
    withEngine(engine, () => tx.update(params, state, params))
    expect(engine.count()).toBe(1)
  })

  test('keeps the dtypes of its state where pending updates are wider', () => {
    const tx = plain(chain(trace(0.5), monitor({ all: (updates: Tree) => updates, traced: trace(0.5) })))
    const params = { w: ndarray([1, 2], [2], 'bfloat16') }
    const [, state] = tx.update(params, tx.init(params), params)
    expect(textOf(state).match(/bfloat16/g)).toHaveLength(textOf(tx.init(params)).match(/bfloat16/g)?.length ?? 0)
    tx.update(params, structuredClone(state), params)
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = monitor({ scaled: timesValue(), norm })
    const [, state] = tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })
    expect(textOf(state.measurements)).toBe('{ scaled: { w: 6 }, norm: 2 }')
    // @ts-expect-error -- the value is missing
    expect(() => tx.update({ w: 2 }, state, { w: 0 })).toThrow()
  })

  test('without a measure it is the identity', () => {
    const tx = monitor({})
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 })).toStrictEqual([
      { w: 2 },
      { measurements: {}, measureStates: {} }
    ])
  })

  refuses([
    // @ts-expect-error -- measures have names
    ['monitor: measures must be an object, got a function', () => monitor(norm)],
    [
      'monitor: norm must be a function, a measure { init, measure } or a transformation { init, update }, got 3',
      // @ts-expect-error -- a number is no measure
      () => monitor({ norm: 3 })
    ],
    [
      'monitor: norm must be a function, a measure { init, measure } or a transformation { init, update }, got an object',
      // @ts-expect-error -- there is nothing that measures
      () => monitor({ norm: { init: () => 0 } })
    ]
  ])
})
