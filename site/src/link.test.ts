import { expect, test } from 'vitest'
import { choiceOf, hashOf } from './link.js'

const usual = { chain: 'adam(0.1)', beside: '', problem: 'rosenbrock', steps: 200 }
const problems = ['rosenbrock', 'beale']

test('an address says what was chosen', () => {
  const choice = {
    chain: 'chain(\n  clip(1),\n  sgd(0.1, { momentum: 0.9 })\n)',
    beside: 'adam(1e-2)',
    problem: 'beale',
    steps: 31
  }
  expect(choiceOf(hashOf(choice), usual, problems)).toStrictEqual(choice)
})

test.each(['', '#', '#problem=nothing&steps=0', '#steps=1e9', '#steps=1.5', '#steps=x'])(
  '%j leaves what is usual',
  (hash) => {
    expect(choiceOf(hash, usual, problems)).toStrictEqual(usual)
  }
)
