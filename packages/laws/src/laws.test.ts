import {
  type AnyGradientTransformation,
  InvalidOption,
  identity,
  mul,
  reference,
  stateless,
  transformation,
  tree
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arbitrary,
  between,
  checkLaws,
  families,
  type Law,
  laws,
  property,
  type TestFunction,
  universal
} from './index.js'
import { scaleByValue } from './internal/companions.js'
import { eachNumber, halve } from './testing.js'

/** What a runner registers, to be run by hand. */
const registered = (register: (test: TestFunction) => void): ReadonlyMap<string, () => void> => {
  const found = new Map<string, () => void>()
  register((name, run) => found.set(name, run))
  return found
}

describe('runners', () => {
  laws.gradientTransformation(halve(), { test, runs: 20 })
  laws.elementwise(halve(), { test, runs: 20 })
  laws.odd(halve(), { test, runs: 20 })
  laws.linear(halve(), { test, runs: 20 })
  laws.stateless(halve(), { test, runs: 20 })
  laws.idempotent(identity(), { test, runs: 20 })
  laws.bounded(
    stateless((g) => tree.zerosLike(g)),
    0,
    { test, runs: 20 }
  )
  laws.equivalent(
    halve(),
    eachNumber((x) => x / 2),
    { test, runs: 20 }
  )
  laws.wrapper((tx) => tx, { test, runs: 20 })
  laws.schedule((step) => 1 / (1 + step), { test, range: [0, 1] })
})

test('register one test for each law, named by its sentence', () => {
  const tests = registered((test) => laws.gradientTransformation(halve(), { test, runs: 5 }))
  expect([...tests.keys()]).toEqual(Object.values(universal).map(({ sentence }) => sentence))
  for (const run of tests.values()) run()
})

test('fail with the sentence, the seed and the smallest counterexample as code', () => {
  const tests = registered((test) =>
    laws.odd(
      eachNumber((x) => x + 1),
      { test }
    )
  )
  const run = tests.get('negating the gradients negates the updates')
  let message = ''
  try {
    run?.()
  } catch (error) {
    message = String(error) + String((error as Error).cause)
  }
  expect(message).toMatch(/seed: -?\d+/)
  expect(message).toMatch(/Counterexample: \[\{ params: .*steps: \[\{ gradients: /)
  expect(message).toContain('negating the gradients negates the updates: update 1')
})

test('use the global test when none is given, and say so when there is none', () => {
  const global = globalThis as { test?: unknown }
  expect(() => laws.odd(halve())).toThrow('laws: test must be the function that registers a test')
  const names: string[] = []
  global.test = (name: string) => names.push(name)
  try {
    laws.odd(halve())
  } finally {
    delete global.test
  }
  expect(names).toEqual(['negating the gradients negates the updates'])
})

test('leave laws out, with a reason', () => {
  const tests = registered((test) =>
    laws.linear(halve(), { test, without: { sumsCommute: 'it is nearly linear only' } })
  )
  expect([...tests.keys()]).toEqual([families.linear.scalingCommutes.sentence])
  const refused = (without: Record<string, string>) => () => checkLaws(families.odd, halve(), { without })
  expect(refused({ negationCommutes: ' ' })).toThrow(InvalidOption)
  expect(refused({ negationCommutes: ' ' })).toThrow('without.negationCommutes must be the reason')
  expect(refused({ oddity: 'unknown' })).toThrow('there is no law oddity to leave out; there are negationCommutes')
})

test('try the examples first', () => {
  const needle = eachNumber((x) => (x === 123.5 ? 0 : x))
  const example = { params: { w: 0 }, steps: [{ gradients: { w: 123.5 } }] }
  expect(() => checkLaws(families.linear, needle, { runs: 1, examples: [example] })).toThrow('123.5')
})

test('pass over examples that a law does not speak of', () => {
  const example = { params: { w: 0 }, steps: [{ gradients: { w: Number.NaN } }] }
  checkLaws(universal, halve(), { runs: 1, examples: [example] })
})

test('draw the params that are asked for', () => {
  const onlyPairs = stateless((updates) => {
    if (!Array.isArray(updates) || updates.length !== 2) throw new Error('no pair')
    return updates
  })
  checkLaws(universal, onlyPairs, { params: fc.constant([0, new Float32Array(5)]), runs: 10 })
  expect(() => checkLaws(universal, onlyPairs)).toThrow()
})

test('run on the engine that is asked for', () => {
  let evaluations = 0
  const engine = {
    name: 'counting',
    evaluate: (roots: Parameters<typeof reference.evaluate>[0]) => {
      evaluations += 1
      reference.evaluate(roots)
    }
  }
  checkLaws(families.odd, halve(), { engine, runs: 20 })
  expect(evaluations).toBeGreaterThan(0)
})

test('run as often as they are told, or as fast-check is configured', () => {
  let runs = 0
  const counting: Law<AnyGradientTransformation, number> = {
    name: 'counting',
    sentence: 'it counts',
    cases: () => fc.nat(),
    flaw: () => {
      runs += 1
      return null
    }
  }
  checkLaws({ counting }, halve(), { runs: 7 })
  expect(runs).toBe(7)
  const before = fc.readConfigureGlobal() ?? {}
  fc.configureGlobal({ ...before, numRuns: 11 })
  checkLaws({ counting }, halve())
  fc.configureGlobal(before)
  expect(runs).toBe(18)
})

test('try the same cases with the same seed', () => {
  const seen = (seed: number): readonly number[] => {
    const numbers: number[] = []
    const noting: Law<AnyGradientTransformation, number> = {
      name: 'noting',
      sentence: 'it notes',
      cases: () => fc.nat(),
      flaw: (_, x) => {
        numbers.push(x)
        return null
      }
    }
    checkLaws({ noting }, halve(), { runs: 5, seed })
    return numbers
  }
  expect(seen(7)).toStrictEqual(seen(7))
  expect(seen(7)).not.toStrictEqual(seen(8))
})

test('laws are properties of fast-check too', () => {
  fc.assert(property(universal.deterministic, halve()), { numRuns: 10 })
  expect(
    fc.check(
      property(
        families.odd.negationCommutes,
        eachNumber((x) => x + 1)
      )
    ).failed
  ).toBe(true)
  fc.assert(
    property(between(0, 1).withinRange, (step: number) => 1 / (1 + step)),
    { numRuns: 10 }
  )
})

test('what update needs beyond the params is asked for by the type', () => {
  const byValue = transformation<object, { readonly value: number }>({
    init: () => ({}),
    update: (updates, state, _params, { value }) => [tree.map((g) => mul(value, g), updates), state]
  })
  const extra = fc.record({ value: arbitrary.value('dyadic') })
  const tests = registered((test) => laws.gradientTransformation(byValue, { test, extra, runs: 5 }))
  for (const run of tests.values()) run()
  // @ts-expect-error -- update needs a value
  registered((test) => laws.gradientTransformation(byValue, { test }))
  // @ts-expect-error -- the value must be a number
  registered((test) => laws.odd(byValue, { test, extra: fc.record({ value: fc.string() }) }))
  // @ts-expect-error -- there is no such law in the family
  expect(() => laws.odd(halve(), { test, without: { deterministic: 'why' } })).toThrow('there is no law deterministic')
  checkLaws(universal, scaleByValue(), { extra, runs: 10 })
})
