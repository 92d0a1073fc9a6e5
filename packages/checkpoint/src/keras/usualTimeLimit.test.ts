import { expect, test } from 'vitest'
import { usualTimeLimit } from './usualTimeLimit.js'

test('a file may take ten seconds, and one more for each ten megabytes', () => {
  expect([0, 1, 10_000_000, 400_000_000].map(usualTimeLimit)).toStrictEqual([10_000, 10_001, 11_000, 50_000])
})
