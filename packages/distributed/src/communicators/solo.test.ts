import { expect, test } from 'vitest'
import { CommunicationError } from './communicationError.js'
import { solo } from './solo.js'

test('one rank gets copies of what it gives', async () => {
  const comm = solo()
  const tree = { w: Float32Array.of(1, 2), list: [3, null] }
  const reduced = comm.allReduce(tree, { op: 'mean' }).wait()
  expect(reduced).toStrictEqual(tree)
  expect(reduced.w).not.toBe(tree.w)
  expect(comm.reduceScatter([tree]).wait()).toStrictEqual(tree)
  expect(await comm.allGather(tree).promise()).toStrictEqual([tree])
  expect(comm.broadcast(tree).wait()).toStrictEqual(tree)
  expect(comm.exchange(4, { to: 0, from: 0 }).wait()).toBe(4)
  expect(comm.barrier().wait()).toBe(undefined)
  comm.close()
})

test('an error of communication says what kind it is', () => {
  const error = new CommunicationError('lost', 'allReduce: rank 1 has ended')
  expect([error.name, error.kind, error.message]).toStrictEqual([
    'CommunicationError',
    'lost',
    'allReduce: rank 1 has ended'
  ])
})
