// Twenty thousand leaves: the same bits as ever, flat and nested, on every way there is.
import { adamw, chain, clipByGlobalNorm } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { step } from '../transformation/step.js'
import { clipped, traced } from '../transformation/testing.js'
import { transient } from './transient.js'
import { differenceOf, gradients } from './transientTesting.js'

const COUNT = 20_000
const STEPS = 3

const tx = chain(clipByGlobalNorm(1), adamw(0.1))

const leaf = (i: number) => new Float32Array(i % 3 === 0 ? 0 : 1).fill(Math.sin(i))
const flat = () => Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`w${i}`, leaf(i)]))
const nested = () =>
  Array.from({ length: COUNT / 100 }, (_, i) => ({ rows: Array.from({ length: 100 }, (_, j) => leaf(100 * i + j)) }))
const numbers = () => Array.from({ length: COUNT }, (_, i) => Math.cos(i))

type Pair = readonly [params: unknown, state: unknown]

/** Params and state after some repeated steps. */
const stepped = (params: unknown): Pair => {
  const stepOnce = step as unknown as (...parts: readonly unknown[]) => Pair
  let pair: Pair = [params, (tx.init as (p: unknown) => unknown)(params)]
  for (let i = 0; i < STEPS; i++) pair = stepOnce(tx, gradients(params, i), pair[1], pair[0])
  return pair
}

describe.each(Object.entries({ flat, nested, numbers }))('%s', (_name, make) => {
  test('the reference, the fused engine and transient agree to the bit', () => {
    const expected = withEngine(reference, () => stepped(make()))
    expect(differenceOf(stepped(make()), expected)).toBe('')
    const run = transient(tx, make() as never)
    for (let i = 0; i < STEPS; i++) run.step(gradients(make(), i) as never)
    const { params, state } = run.snapshot()
    expect(differenceOf([params, state], expected)).toBe('')
    run.dispose()
  })
})

test('a hundred thousand leaves', () => {
  const params = Array.from({ length: 100 }, (_, i) =>
    Array.from({ length: 1000 }, (_, j) => new Float32Array(1 + (j % 5)).fill(i / 7))
  )
  const grads = gradients(params, 1) as typeof params
  const tx = chain(clipped(1), traced(0.9))
  const run = transient(tx, params)
  let expected = [params, tx.init(params)] as const
  for (let i = 0; i < 2; i++) {
    run.step(grads)
    expected = step(tx, grads, expected[1], expected[0])
  }
  const taken = run.snapshot()
  expect(differenceOf([taken.params, taken.state], expected)).toBe('')
})
