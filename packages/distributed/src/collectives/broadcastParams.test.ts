import { InvalidOption } from '@gradchain/core'
import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { broadcastParams } from './broadcastParams.js'

test.each([0, 1, 2])('all ranks get the params of rank %i', async (root) => {
  const found = await allRanks(3, (comm) =>
    broadcastParams(comm, { w: Float32Array.of(comm.rank, -0), deep: [comm.rank, null], name: 'adam' }, { root })
  )
  const wanted = { w: Float32Array.of(root, -0), deep: [root, null], name: 'adam' }
  expect(found).toStrictEqual([wanted, wanted, wanted])
})

test('rank 0, when none is named', async () => {
  expect(await allRanks(2, (comm) => broadcastParams(comm, comm.rank + 5))).toStrictEqual([5, 5])
})

test('refuses what is no communicator, and no rank', () => {
  expect(() => broadcastParams({} as never, 1)).toThrow(InvalidOption)
  expect(() => broadcastParams(solo(), 1, { root: 1 })).toThrow(
    'broadcastParams: root must be a rank, from 0 to 0, got 1'
  )
})
