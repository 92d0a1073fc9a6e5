import { expect, test } from 'vitest'
import type { Contest, Outcome } from './contest.js'
import { resultsOf } from './results.js'
import type { RivalName } from './rivals.js'
import { targets } from './targets.js'

const measured = (...samples: number[]): Outcome => ({
  kind: 'measured',
  version: 'Node 20',
  samples,
  cores: samples.map(() => 1),
  rss: 0,
  bytes: undefined,
  error: 0
})

const contest = (chain: Contest['chain'], outcomes: readonly (readonly [RivalName, Outcome])[]): Contest => ({
  chain,
  size: '1m',
  outcomes: new Map(outcomes)
})

const verdicts = (...contests: Contest[]): Record<string, string> =>
  Object.fromEntries(targets(resultsOf(contests)).map(({ claim, verdict }) => [claim, verdict]))

test('a ratio at its limit is met, one above is missed, one without a rival is neither', () => {
  const found = verdicts(
    contest('adamw', [
      ['transient1', measured(1, 2, 3)],
      ['transient2', measured(0.7, 1.4, 2.1)],
      ['loopInPlace', measured(5, 10, 15)]
    ])
  )
  expect(found['`transient`, 1 thread ÷ hand-written loop in place']).toBe('met')
  expect(found['`transient`, 2 threads ÷ 1 thread']).toBe('**missed**')
  expect(found['`step` ÷ jax-js']).toBe('not measured')
})

test('the clipped chain is held against AdamW of another table', () => {
  const clipped = contest('clipped', [['transient1', measured(3, 3, 3)]])
  const adamw = contest('adamw', [['transient1', measured(1, 2, 9)]])
  expect(verdicts(clipped, adamw)['the clipped chain ÷ AdamW alone, `transient`, 1 thread']).toBe('met')
})

test('sizes that were not run make no promises', () => {
  expect(targets(resultsOf([]))).toEqual([])
})
