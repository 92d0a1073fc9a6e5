import { describe, expect, test } from 'vitest'
import { withEngine } from '../engine/evaluate.js'
import { InvalidOption, InvalidState } from '../errors.js'
import { chain } from './chain.js'
import { namedChain } from './namedChain.js'
import { clipped, counting, scaled, traced } from './testing.js'

const params = { w: Float32Array.of(1, 2) }

test('is chain with names', () => {
  const parts = [clipped(1), traced(0.5), scaled(-1)] as const
  const named = namedChain({ clip: parts[0], trace: parts[1], descend: parts[2] })
  const plain = chain(...parts)
  let [state, tuple] = [named.init(params), plain.init(params)]
  for (let i = 0; i < 3; i++) {
    const [updates, next] = named.update(params, state, params)
    const [expected, nextTuple] = plain.update(params, tuple, params)
    expect(updates).toStrictEqual(expected)
    expect(Object.keys(next)).toEqual(['clip', 'trace', 'descend'])
    expect(Object.values(next)).toStrictEqual([...nextTuple])
    state = next
    tuple = nextTuple
  }
})

test('is evaluated once', () => {
  const { engine, evaluations } = counting()
  withEngine(engine, () => {
    const tx = namedChain({ a: clipped(1), b: namedChain({ c: traced(0.5) }) })
    const state = tx.init(params)
    evaluations.length = 0
    tx.update(params, state, params)
  })
  expect(evaluations).toHaveLength(1)
})

test('the states may come in any order of names', () => {
  const tx = namedChain({ a: traced(0.5), b: traced(0.25) })
  const [, state] = tx.update(params, tx.init(params), params)
  const turned = { b: state.b, a: state.a }
  expect(tx.update(params, turned, params)).toStrictEqual(tx.update(params, state, params))
})

describe('refuses', () => {
  test.each([
    [{ 0: scaled(1) }, 'namedChain: a name must be a word, got "0"'],
    [{ a: scaled(1), 12: scaled(1) }, 'namedChain: a name must be a word, got "12"'],
    [JSON.parse('{"__proto__": {}}'), 'namedChain: a name must be a word, got "__proto__"'],
    [null, 'namedChain: parts must be an object, got null'],
    [scaled, 'namedChain: parts must be an object, got a function'],
    [[scaled(1)], 'namedChain: parts must be an object, got [an object]'],
    [
      { good: scaled(1), bad: 3 },
      'namedChain: bad: a transformation must be a pair { init, update } of functions, got 3'
    ]
  ])('%o', (parts, message) => {
    expect(() => namedChain(parts as never)).toThrow(new InvalidOption(message))
  })

  test('a state without a part', () => {
    const tx = namedChain({ a: traced(0.5), b: scaled(1) })
    const { a } = tx.init(params)
    expect(() => tx.update(params, { a } as never, params)).toThrow(
      new InvalidState(
        'update: state has no "b", a fresh state has it; was it made by another transformation, or for other params?'
      )
    )
  })
})
