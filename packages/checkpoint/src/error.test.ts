import { GradchainError } from '@gradchain/core'
import { expect, test } from 'vitest'
import { CheckpointError } from './error.js'

test('an error says in one sentence and in parts what was wanted where', () => {
  const error = new CheckpointError({
    owner: 'load',
    kind: 'corrupt',
    entry: 'tensor "w"',
    wanted: 'whole',
    got: 'half'
  })
  expect(error).toBeInstanceOf(GradchainError)
  expect(error.message).toBe('load: tensor "w" must be whole, got half')
  expect([error._tag, error.name, error.kind, error.entry, error.wanted, error.got]).toEqual([
    'CheckpointError',
    'CheckpointError',
    'corrupt',
    'tensor "w"',
    'whole',
    'half'
  ])
})
