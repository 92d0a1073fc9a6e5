import { chain, InvalidTree } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { scale } from '../scaling/scale.js'
import { lookaheadParams } from './lookaheadParams.js'
import { nesterovLookahead } from './nesterovLookahead.js'

describe('lookaheadParams', () => {
  test('is p + μ v, in the dtypes of the params', () => {
    const state = { innerState: {}, ahead: { w: new Float32Array([0.1, -1]), b: [0.5, null] } }
    const params = { w: new Float32Array([0.1, 3]), b: [1, null] }
    expect(lookaheadParams(params, state)).toStrictEqual({ w: new Float32Array([0.2, 2]), b: [1.5, null] })
  })

  test('leaves params and state alone, and hands neither on', () => {
    const tx = nesterovLookahead(scale(-1), 0.5)
    const params = { w: new Float32Array([1]) }
    const state = tx.init(params)
    const ahead = lookaheadParams(params, state)
    ahead.w.fill(7)
    expect(params).toStrictEqual({ w: new Float32Array([1]) })
    expect(state.ahead).toStrictEqual({ w: new Float32Array([0]) })
  })

  test('takes its part of the state of a chain', () => {
    const tx = chain(scale(1), nesterovLookahead(scale(-1), 0.5))
    const [, state] = tx.update({ w: 2 }, tx.init({ w: 8 }), { w: 8 })
    expect(lookaheadParams({ w: 6 }, state[1])).toStrictEqual({ w: 5 })
    // @ts-expect-error -- the state of the whole chain is not that of its part
    expect(() => lookaheadParams({ w: 6 }, state)).toThrow()
  })

  test('refuses the state for other params, with the path', () => {
    const state = nesterovLookahead(scale(-1), 0.5).init({ w: new Float32Array(3) })
    const misuse = () => lookaheadParams({ w: new Float32Array(2) }, state)
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow('applyUpdates: updates.w has shape [3], params has [2]')
  })
})
