import { chain, InvalidState } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { scale } from '../scaling/scale.js'
import { scheduleFree } from './scheduleFree.js'
import { scheduleFreeEvalParams } from './scheduleFreeEvalParams.js'

describe('scheduleFreeEvalParams', () => {
  test('gives the params themselves before the first update, as copies', () => {
    const params = { w: new Float32Array([1, 2]), b: 3 }
    const state = scheduleFree(scale(-1), 1, { b1: 0.5 }).init(params)
    const average = scheduleFreeEvalParams(state, params)
    expect(average).toStrictEqual(params)
    expect(average.w).not.toBe(params.w)
  })

  test('is told which part of a chain it is', () => {
    const params = { w: 1 }
    const state = chain(scale(2), scheduleFree(scale(-1), 1, { b1: 0.5 })).init(params)
    expect(scheduleFreeEvalParams(state[1], params)).toStrictEqual({ w: 1 })
    // @ts-expect-error -- the state of the chain
    expect(() => scheduleFreeEvalParams(state, params)).toThrow(InvalidState)
    // @ts-expect-error -- no state
    expect(() => scheduleFreeEvalParams(null, params)).toThrow(
      'scheduleFreeEvalParams: state must be that of scheduleFree, got null'
    )
  })
})
