import { InvalidOption, InvalidState } from '@gradchain/core'
import { trace } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { gatherState } from './gatherState.js'
import { shardedState } from './shardedState.js'

test('every rank gets the whole, leaves in their places', async () => {
  const params = { a: new Float32Array(3), list: [new Float32Array(2), null, 4], empty: {} }
  const found = await allRanks(3, (comm) => gatherState(comm, shardedState(trace(0.5), comm).init(params)))
  const whole = trace(0.5).init(params)
  expect(found).toStrictEqual([whole, whole, whole])
})

test('refuses other things', () => {
  expect(() => gatherState({} as never, { innerState: {} })).toThrow(InvalidOption)
  expect(() => gatherState(solo(), { trace: {} } as never)).toThrow(
    new InvalidState('gatherState: state must be a state of shardedState')
  )
})
