import {
  add,
  chain,
  greater,
  InvalidOption,
  InvalidTree,
  ndarray,
  type Operand,
  read,
  sum,
  type Tree,
  tree,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { momentum, plain, run, steps, stepsInPlace } from '../internal/testing/parts.js'
import { aTrajectory, leavesOf, textOf } from '../internal/testing/trees.js'
import { counting } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type SnapshotState, snapshot } from './snapshot.js'

const norm = (updates: Tree) => tree.norm(updates)

describe('snapshot', () => {
  test('is the identity on updates, and its state forgets', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const tx = chain(momentum(), snapshot('norm', norm), momentum())
        const plainly = chain(momentum(), momentum())
        expect(textOf(run(tx, trajectory).updates)).toBe(textOf(run(plainly, trajectory).updates))
        const { states } = run(
          snapshot('all', (updates) => updates),
          trajectory
        )
        expect(states.slice(1).map((state) => textOf(state.measurement.all))).toEqual(trajectory.grads.map(textOf))
      })
    )
  })

  test('measures at its place in the chain', () => {
    const tx = chain(scale(2), snapshot('norm', norm), scale(3))
    const params = { w: [0, 0] }
    const [updates, [, seen]] = tx.update({ w: [3, 4] }, tx.init(params), params)
    expect(updates).toStrictEqual({ w: [18, 24] })
    expect(seen).toStrictEqual({ measurement: { norm: 10 } })
  })

  test('is shown the params, too, and before there are updates those of zero', () => {
    const tx = snapshot('sum', (updates, params) => tree.sum(tree.map((u, p) => add(u, p), updates, params)))
    const params = { w: new Float32Array([5, 6]) }
    const state = tx.init(params)
    expect(state).toStrictEqual({ measurement: { sum: 11 } })
    expect(tx.update({ w: new Float32Array([1, 2]) }, state, params)[1]).toStrictEqual({ measurement: { sum: 14 } })
  })

  test('is computed in the same pass, the same in one step and in place, and keeps no buffer of the updates', () => {
    const tx = chain(
      momentum(),
      snapshot('all', (updates) => ({ updates, norm: tree.norm(updates) })),
      momentum()
    )
    const engine = counting()
    const params = { w: new Float32Array([1, 2]) }
    const state = tx.init(params)
    withEngine(engine, () => {
      const [updates, [, seen]] = tx.update(params, state, params)
      expect(leavesOf(seen.measurement.all.updates)[0]).not.toBe(updates.w)
    })
    expect(engine.count()).toBe(1)
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        expect(textOf(stepsInPlace(tx, trajectory))).toBe(textOf(steps(tx, trajectory)))
      })
    )
  })

  test('keeps the dtype of its state where pending updates are wider', () => {
    const tx = plain(
      chain(
        trace(0.5),
        snapshot('all', (updates) => updates)
      )
    )
    const params = { w: ndarray([1, 2], [2], 'bfloat16') }
    const [, state] = tx.update(params, tx.init(params), params)
    expect(textOf(state)).toContain('all: { w: { dtype: bfloat16')
    tx.update(params, structuredClone(state), params)
  })

  test('its type has the name, and says what `read` makes a number of', () => {
    const tx = snapshot('norm', norm)
    const state = tx.init({ w: 3 })
    expect(read(state.measurement.norm)).toBe(0)
    // @ts-expect-error -- there is no measurement of that name
    state.measurement.other
    const counted = snapshot('leaves', (updates) => tree.leaves(updates).length)
    expectTypeOf(counted.init({ w: 3 }).measurement.leaves).toEqualTypeOf<number>()
    const both = snapshot('both', (updates) => ({ size: tree.size(updates), positive: greater(tree.sum(updates), 0) }))
    expectTypeOf(both.init({ w: 3 }).measurement.both.size).toEqualTypeOf<number>()
    expectTypeOf(both.init({ w: 3 })).toExtend<SnapshotState<'both', { size: number; positive: Operand }>>()
  })

  test.each([
    ['', norm, 'snapshot: measureName must be a name, one character or more, got ""'],
    [norm, 'norm', 'snapshot: measureName must be a name, one character or more, got a function'],
    ['norm', 3, 'snapshot: measure must be a function, got 3']
  ])('refuses %j and %j', (name, measure, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    const misuse = () => snapshot(name, measure)
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(message)
  })

  test('refuses a measurement that is none, and one that changes its structure', () => {
    // @ts-expect-error -- a measurement is made of numbers and arrays
    expect(() => snapshot('b', () => ({ is: true })).init({ w: 1 })).toThrow(
      new InvalidTree(
        'castLike: tree.is is true; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
      )
    )
    const fickle = snapshot('f', (updates) => (read(sum(tree.leaves(updates)[0] as Operand)) > 0 ? [1, 2] : [1]))
    expect(() => fickle.update({ w: 1 }, fickle.init({ w: 1 }), { w: 1 })).toThrow(InvalidTree)
  })
})
