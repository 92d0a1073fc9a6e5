import { describe, expect, test } from 'vitest'
import * as checks from './check.js'
import { GradchainError, InvalidOption } from './errors.js'

const { check, withDefaults } = checks
const NAN = Number.NaN
const huge = Number.MAX_SAFE_INTEGER
const f = () => 1

type Row = readonly [checks.Requirement, string, good: readonly unknown[], bad: readonly unknown[]]
const rows: Record<string, Row> = {
  finite: [
    checks.finite,
    'a finite number',
    [0, -0, -1e308, 5e-324],
    [NAN, Infinity, -Infinity, '1', null, undefined, 1n]
  ],
  positive: [checks.positive, 'a finite number > 0', [5e-324, 1e308], [0, -0, -1, NAN, Infinity, true, '1']],
  nonNegative: [checks.nonNegative, 'a finite number ≥ 0', [0, -0, 1e308], [-5e-324, NAN, Infinity, [], {}]],
  inUnitInterval: [checks.inUnitInterval, 'in [0, 1)', [0, -0, 1 - 2 ** -53], [1, -1e-300, NAN, '0']],
  inClosedUnitInterval: [checks.inClosedUnitInterval, 'in [0, 1]', [0, 1, 0.5], [1 + 2 ** -52, -0.1, NAN, false]],
  positiveInteger: [
    checks.positiveInteger,
    'a whole number ≥ 1',
    [1, huge],
    [0, 1.5, huge + 1, NAN, Infinity, '1', 1n]
  ],
  nonNegativeInteger: [checks.nonNegativeInteger, 'a whole number ≥ 0', [0, -0, huge], [-1, 0.5, huge + 1, NAN, null]],
  boolean: [checks.boolean, 'true or false', [true, false], [0, 1, 'true', undefined, null]],
  callable: [checks.callable, 'a function', [f, class {}, Math.max], [undefined, {}, 'f']],
  oneOf: [checks.oneOf('mean', 'sum', 3), 'one of "mean", "sum", 3', ['mean', 'sum', 3], ['max', '3', undefined]],
  orSchedule: [
    checks.orSchedule(checks.positive),
    'a finite number > 0 or a schedule',
    [1, f],
    [0, NAN, undefined, {}]
  ],
  optional: [checks.optional(checks.positive), 'a finite number > 0', [1, undefined], [null, 0, NAN, f]],
  orNull: [checks.orNull(checks.positive), 'a finite number > 0 or null', [1, null], [undefined, 0, NAN, f]]
}

describe.each(Object.entries(rows))('%s', (_name, [requirement, what, good, bad]) => {
  test('says what it wants', () => {
    expect(requirement.what).toBe(what)
  })
  test.each(good.map((value) => [value]))('takes %s', (value) => {
    expect(requirement.holds(value)).toBe(true)
  })
  test.each(bad.map((value) => [value]))('refuses %s', (value) => {
    expect(requirement.holds(value)).toBe(false)
  })
})

test('check names the owner, the option, what is wanted and what came', () => {
  expect(() => check('scaleByAdam', { b1: 0.9, b2: 1 }, checks.inUnitInterval)).toThrow(
    new InvalidOption('scaleByAdam: b2 must be in [0, 1), got 1')
  )
  expect(() => check('a', { b: 0.9 }, checks.inUnitInterval)).not.toThrow()
  expect(() => check('a', {}, checks.positive)).not.toThrow()
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  expect(() => check('a', { b: cyclic }, checks.positive)).toThrow(
    'a: b must be a finite number > 0, got [an array of 1]'
  )
})

describe('withDefaults', () => {
  const defaults = { b1: 0.9, b2: 0.999, mask: undefined as number | undefined }

  test('takes what is given and defined, and the defaults for the rest', () => {
    expect(withDefaults('a', { b1: 0.5, b2: undefined }, defaults)).toStrictEqual({
      b1: 0.5,
      b2: 0.999,
      mask: undefined
    })
    expect(withDefaults('a', { mask: 3 }, defaults)).toStrictEqual({ b1: 0.9, b2: 0.999, mask: 3 })
    expect(withDefaults('a', {}, defaults)).toStrictEqual(defaults)
    expect(withDefaults('a', Object.freeze({ b1: 0 }), defaults).b1).toBe(0)
  })

  test('leaves the defaults and the options alone', () => {
    const given = { b1: 0.1 }
    withDefaults('a', given, defaults)
    expect([given, defaults]).toStrictEqual([{ b1: 0.1 }, { b1: 0.9, b2: 0.999, mask: undefined }])
  })

  test.each([
    [{ beta1: 0.5 }, 'sgd: there is no option beta1; there are b1, b2, mask'],
    [JSON.parse('{"__proto__": 1}'), 'sgd: there is no option __proto__; there are b1, b2, mask'],
    [{ '': 1 }, 'sgd: there is no option ""; there are b1, b2, mask'],
    [{ toString: 1 }, 'sgd: there is no option toString; there are b1, b2, mask'],
    [null, 'sgd: options must be an object, got null'],
    [undefined, 'sgd: options must be an object, got undefined'],
    [0.1, 'sgd: options must be an object, got 0.1'],
    [[0.1], 'sgd: options must be an object, got [0.1]'],
    [f, 'sgd: options must be an object, got a function']
  ])('refuses %o', (given, message) => {
    expect(() => withDefaults('sgd', given as never, defaults)).toThrow(new InvalidOption(message))
  })
})

test('every error is a GradchainError with a tag and a name', () => {
  const error = new InvalidOption('a: b')
  expect(error).toBeInstanceOf(GradchainError)
  expect(error).toBeInstanceOf(Error)
  expect([error._tag, error.name, error.message, `${error}`]).toEqual([
    'InvalidOption',
    'InvalidOption',
    'a: b',
    'InvalidOption: a: b'
  ])
})
