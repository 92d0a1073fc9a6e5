import { chain, InvalidState, InvalidTree, ndarray, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { momentum, run } from '../internal/testing/parts.js'
import { aTrajectory, buffersOf, textOf } from '../internal/testing/trees.js'
import { scale } from '../scaling/scale.js'
import { masked } from '../selection/masked.js'
import { averagedParams } from './averagedParams.js'
import { emaParams } from './emaParams.js'
import { polyakAverage } from './polyakAverage.js'
import { swa } from './swa.js'

describe('averagedParams', () => {
  test('reads the average of each wrapper, in copies', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        for (const tx of [
          emaParams(momentum(), { decay: 0.5 }),
          swa(momentum(), { start: 2 }),
          polyakAverage(momentum())
        ] as const) {
          for (const state of run(tx, trajectory).states) {
            const read = averagedParams(state, trajectory.params)
            expect(textOf(read)).toBe(textOf(state.average))
            const own = new Set([...buffersOf(state), ...buffersOf(trajectory.params)])
            expect(buffersOf(read).filter((buffer) => own.has(buffer))).toHaveLength(0)
          }
        }
      })
    )
  })

  test('comes in the type and the dtypes of the params', () => {
    const tx = chain(emaParams(scale(-1), { decay: 0.5, accumulatorDtype: 'float64' }))
    const params = { w: new Float32Array([0.1]), b: ndarray([1], [1], 'bfloat16'), c: 1 }
    const [next, [state]] = step(tx, params, tx.init(params), params)
    const average = averagedParams(state, next)
    expectTypeOf(average.w).toExtend<Float32Array>()
    expectTypeOf(average.c).toEqualTypeOf<number>()
    expect(textOf(state.average)).toContain('Float64Array')
    expect(textOf(average)).toBe(textOf(next))
  })

  test('wrappers one around the other have an average each', () => {
    const tx = polyakAverage(emaParams(scale(-1), { decay: 0 }))
    let params = { w: 10 }
    let state = tx.init(params)
    for (let t = 0; t < 3; t++) [params, state] = step(tx, { w: 1 }, state, params)
    expect(averagedParams(state, params)).toStrictEqual({ w: 8 })
    expect(averagedParams(state.innerState, params)).toStrictEqual({ w: 7 })
  })

  test('refuses a state without an average, and one of other params', () => {
    // @ts-expect-error -- there is no average
    expect(() => averagedParams(scale(1).init({ w: 1 }), { w: 1 })).toThrow(
      new InvalidState('averagedParams: state must have an average, got an object')
    )
    const nested = chain(scale(1), masked(emaParams(scale(1), { decay: 0.5 }), true)).init({ w: 1 })
    // @ts-expect-error -- there is one deeper inside
    expect(() => averagedParams(nested, { w: 1 })).toThrow(
      new InvalidState('averagedParams: state must have an average, got one with an average at state[1].innerState')
    )
    // @ts-expect-error -- there is no average
    expect(() => averagedParams(null, { w: 1 })).toThrow('averagedParams: state must have an average, got null')
    const state = polyakAverage(scale(1)).init({ v: 1 })
    expect(() => averagedParams(state, { w: 1 })).toThrow(InvalidTree)
  })
})
