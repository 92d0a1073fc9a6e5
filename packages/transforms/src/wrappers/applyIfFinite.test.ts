import { chain, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, momentum, run, timesValue } from '../internal/testing/parts.js'
import {
  aDyadic,
  aTrajectory,
  elementsOf,
  leavesOf,
  mapElements,
  mapLeaves,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { counting, wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { applyIfFinite } from './applyIfFinite.js'

const isFinite = (values: Values): boolean => leavesOf(values).flatMap(elementsOf).every(Number.isFinite)
const zeros = (values: Values): Values => mapLeaves(values, (leaf) => mapElements(leaf, () => 0))
const spoiled = fc.oneof({ weight: 12, arbitrary: aDyadic }, fc.constantFrom(NaN, Infinity, -Infinity))
const aSpoiled = aTrajectory(spoiled, 8).map(({ params, grads }) => ({
  params: mapLeaves(params, (leaf) => mapElements(leaf, (x) => (Number.isFinite(x) ? x : 1))),
  grads
}))

const at = <S>(states: readonly S[], i: number): S => {
  const state = states[i]
  if (state === undefined) throw new Error(`there is no state ${i}`)
  return state
}

describe('applyIfFinite', () => {
  test('agrees with its definition: updates, counters and inner state', () => {
    fc.assert(
      fc.property(aSpoiled, fc.nat(3), ({ params, grads }, max) => {
        const { updates, states } = run(applyIfFinite(momentum(), max), { params, grads })
        const accepted: Values[] = []
        let [inARow, total] = [0, 0]
        grads.forEach((g, t) => {
          const good = isFinite(g)
          inARow = good ? 0 : inARow + 1
          total += good ? 0 : 1
          const passes = good || inARow > max
          if (passes) accepted.push(g)
          const { innerState, ...counters } = at(states, t + 1)
          expect(counters).toStrictEqual({ notfiniteCount: inARow, lastFinite: good, totalNotfinite: total })
          expect(innerState.count).toBe(accepted.length)
          if (!passes) {
            expect(textOf(updates[t])).toBe(textOf(zeros(g)))
            expect(textOf(innerState)).toBe(textOf(states[t]?.innerState))
          }
        })
        const emitted = updates.filter((_, t) => states[t]?.innerState.count !== states[t + 1]?.innerState.count)
        expect(textOf(emitted)).toBe(textOf(run(momentum(), { params, grads: accepted }).updates))
      })
    )
  })

  test('on finite gradients it is the inner transformation', () => {
    fc.assert(
      fc.property(aTrajectory(), fc.nat(3), (trajectory, max) => {
        const alone = run(momentum(), trajectory).updates
        expect(textOf(run(applyIfFinite(momentum(), max), trajectory).updates)).toBe(textOf(alone))
      })
    )
  })

  test('with 0 errors allowed it is the inner transformation on any gradients', () => {
    fc.assert(
      fc.property(aSpoiled, (trajectory) => {
        const alone = run(momentum(), trajectory).updates
        expect(textOf(run(applyIfFinite(momentum(), 0), trajectory).updates)).toBe(textOf(alone))
      })
    )
  })

  test('counts as Optax does: the third bad one in a row passes when two are allowed, and the count goes on', () => {
    const bad = [true, false, false, false, false, true, false].map((good) => (good ? 1 : NaN))
    const { states, updates } = run(applyIfFinite(momentum(), 2), { params: 0, grads: bad })
    expect(states.map((s) => [s.notfiniteCount, s.lastFinite, s.totalNotfinite])).toStrictEqual([
      [0, true, 0],
      [0, true, 0],
      [1, false, 1],
      [2, false, 2],
      [3, false, 3],
      [4, false, 4],
      [0, true, 4],
      [1, false, 5]
    ])
    expect(updates.map(textOf).join(' ')).toBe('1 0 0 NaN NaN NaN 0')
  })

  test('hands on the inner state by reference and does not call the inner transformation', () => {
    const inner = bareMomentum()
    const params = { w: new Float32Array([1, 2]) }
    const tx = applyIfFinite(inner, 1)
    const before = tx.init(params)
    const [, after] = tx.update({ w: new Float32Array([1, NaN]) }, before, params)
    expect(after.innerState).toBe(before.innerState)
    expect(inner.calls.length).toBe(0)

    const ours = applyIfFinite(momentum(), 1)
    const fresh = ours.init(params)
    const [, next] = ours.update({ w: new Float32Array([1, NaN]) }, fresh, params)
    expect(leavesOf(next.innerState.velocity as Values)[0]).toBe(leavesOf(fresh.innerState.velocity as Values)[0])
  })

  test('accepts finite gradients whose sum overflows', () => {
    const params = { w: new Float64Array(2), b: 0 }
    const tx = applyIfFinite(momentum(), 5)
    const [u, state] = tx.update({ w: new Float64Array([1e308, 1e308]), b: 1e308 }, tx.init(params), params)
    expect([...u.w, u.b, state.lastFinite]).toStrictEqual([1e308, 1e308, 1e308, true])
  })

  test('sees what is not finite in what comes before it in a chain', () => {
    const tx = chain(timesValue(), applyIfFinite(momentum(), 1))
    const params = { w: new Float32Array([1]) }
    const [u, [, state]] = tx.update({ w: new Float32Array([1]) }, tx.init(params), params, { value: Infinity })
    expect([textOf(u), state.totalNotfinite]).toStrictEqual(['{ w: Float32Array(0) }', 1])
  })

  test('decides with one reading on the host', () => {
    const engine = counting()
    const tx = applyIfFinite(momentum(), 1)
    const params = { w: new Float32Array([1]), b: new Float64Array([1]) }
    const state = tx.init(params)
    withEngine(engine, () => tx.update(params, state, params))
    expect(engine.count()).toBe(2)
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = applyIfFinite(timesValue(), 1)
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test.each([
    [-1, '-1'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
    [undefined, 'undefined']
  ])('refuses %s errors', (max, shown) => {
    // @ts-expect-error -- one of the rows is no number
    expect(() => applyIfFinite(momentum(), max)).toThrow(
      `applyIfFinite: maxConsecutiveErrors must be a whole number ≥ 0, got ${shown}`
    )
  })
})

wrapperLaws('applyIfFinite', (inner) => applyIfFinite(inner, 2), 2)
