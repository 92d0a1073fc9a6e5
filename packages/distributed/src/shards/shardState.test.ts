import { InvalidOption, InvalidState } from '@gradchain/core'
import { adam } from '@gradchain/optimizers'
import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { gatherState } from './gatherState.js'
import { shardState } from './shardState.js'

const params = { a: new Float32Array(3), b: [new Float32Array(2), 1] }

test('gathered, the parts are the whole again', async () => {
  const inner = adam(0.1)
  const [, state] = inner.update(
    { a: Float32Array.of(1, 2, 3), b: [Float32Array.of(4, 5), 6] },
    inner.init(params),
    params
  )
  const found = await allRanks(4, (comm) => gatherState(comm, shardState(comm, inner, params, state)))
  for (const whole of found) expect(whole).toStrictEqual(state)
})

test('refuses the state of another transformation, and of other params', () => {
  const inner = adam(0.1)
  expect(() => shardState(solo(), inner, params, [{ count: 0 }] as never)).toThrow(InvalidState)
  expect(() => shardState(solo(), inner, params, {} as never)).toThrow('shardState: state')
  expect(() => shardState({} as never, inner, params, inner.init(params))).toThrow(InvalidOption)
})
