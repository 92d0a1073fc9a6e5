import {
  type AnyGradientTransformation,
  chain,
  describe as description,
  GradchainError,
  type GradientTransformation,
  step,
  type Tree,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { cosineDecaySchedule } from '@gradchain/schedules'
import { byPath, clipByGlobalNorm, masked, multiSteps, scale, skipNotFinite, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { adamw } from '../adamw.js'
import { sgd } from '../sgd.js'
import { fromDescription } from './fromDescription.js'

const params = { w: [4, -2], b: 1 }
const grads = { w: [3, 0.5], b: -1 }

const after = (tx: AnyGradientTransformation): readonly unknown[] => {
  const known = tx as GradientTransformation<unknown>
  return step(known, grads, known.init(params), params)
}

/** The same after JSON. */
const again = (tx: AnyGradientTransformation, options = {}): GradientTransformation<unknown> =>
  fromDescription(JSON.parse(JSON.stringify(description(tx, options))), options)

describe('fromDescription', () => {
  test('makes what was described, schedules, masks and wrappers with it', () => {
    const rate = cosineDecaySchedule({ initValue: 0.1, decaySteps: 10 })
    const tx = chain(
      clipByGlobalNorm(1),
      adamw(rate, { weightDecay: rate, mask: byPath(['w[0]', 'b']) }),
      multiSteps(masked(trace(0.5), { w: [true, false], b: false }), 1, { shouldSkip: skipNotFinite })
    )
    expect(after(again(tx))).toStrictEqual(after(tx))
  })

  test('with functions of your own, by their names', () => {
    const functions = {
      onlyB: (p: Tree) => tree.mapWithPath((path) => path === '.b', p),
      falling: (t: number) => 1 / (1 + t)
    }
    const tx = chain(masked(sgd(functions.falling), functions.onlyB))
    expect(after(again(tx, { functions }))).toStrictEqual(after(tx))
  })

  test('with factories of your own, which come before those that are known', () => {
    const twice = (by: number) => withOrigin(['twice', by], chain(scale(by), scale(by)))
    const tx = fromDescription(['chain', ['twice', 3], ['scale', 0.5]], { factories: { twice, scale: () => scale(1) } })
    expect(after(tx)[0]).toStrictEqual(after(scale(9))[0])
  })

  test('with factories in namespaces', () => {
    const mine = { twice: (by: number) => withOrigin(['mine.twice', by], chain(scale(by), scale(by))) }
    const tx = fromDescription(JSON.parse(JSON.stringify(description(chain(mine.twice(3))))), { factories: { mine } })
    expect(description(tx)).toStrictEqual(['chain', ['mine.twice', 3]])
    expect(after(tx)[0]).toStrictEqual(after(scale(9))[0])
  })

  test('an argument that is left out has its default', () => {
    const tx = fromDescription(['adafactor', ['undefined'], { minDimSizeToFactor: 2 }])
    expect(description(tx)).toStrictEqual(['adafactor', 1, { minDimSizeToFactor: 2 }])
  })

  test('gives typed arrays back, and the zero with a sign', () => {
    const seen: unknown[] = []
    const mine = (...given: readonly unknown[]) => {
      seen.push(...given)
      return scale(1)
    }
    fromDescription(
      [
        'mine',
        ['Float64Array', 1, ['number', '-0']],
        ['array'],
        ['array', 'a', [1]],
        ['number', '-0'],
        { k: null, most: ['number', 'Infinity'] }
      ],
      {
        factories: { mine }
      }
    )
    expect(seen).toStrictEqual([
      new Float64Array([1, -0]),
      [],
      ['a', [1]],
      -0,
      { k: null, most: Number.POSITIVE_INFINITY }
    ])
  })

  test('the state is of no known type, and may be given back all the same', () => {
    const tx = fromDescription(['sgd', 0.5])
    expectTypeOf(tx).toEqualTypeOf<GradientTransformation<unknown>>()
    const [next, state] = step(tx, grads, tx.init(params), params)
    expectTypeOf(state).toEqualTypeOf<unknown>()
    expect(next).toStrictEqual({ w: [2.5, -2.25], b: 1.5 })
  })

  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => ['chain', inner], ['identity'])

  test.each<readonly [string, unknown, RegExp]>([
    [
      'a name with a slip',
      ['adamww', 0.1],
      /description\[0\] must be the name of a factory, got "adamww"; did you mean "adamw"\?$/
    ],
    [
      'a name that there is not',
      ['chain', ['lbfgs']],
      /description\[1\]\[0\] must .* got "lbfgs"; there are .*adamw, .*chain/
    ],
    ['what every function has, behind a dot', ['adam.bind'], /got "adam.bind"/],
    ['what every object has', ['toString'], /got "toString"/],
    ['what every function has', ['constructor', 'return 1'], /got "constructor"/],
    ['a prototype', ['__proto__'], /got "__proto__"/],
    [
      'no array',
      { name: 'adam' },
      /^fromDescription: description must be the call that makes a transformation, got an object$/
    ],
    ['a text', '["adam", 0.1]', /must be the call that makes a transformation, got "\["$|got "/],
    ['a schedule', ['constantSchedule', 1], /must be the call that makes a transformation/],
    ['nothing', undefined, /description must be what JSON can say, got undefined$/],
    [
      'an option out of range',
      ['chain', ['adam', 0.1, { b1: 2 }]],
      /^scaleByAdam: b1 must be in \[0, 1\), got 2; at description\[1\]$/
    ],
    [
      'an unknown option',
      ['adam', 0.1, { beta1: 0.9 }],
      /^adam: there is no option beta1; there are .*; at description$/
    ],
    [
      'what makes no part',
      ['chain', ['unitwiseNorm', ['Float32Array', 1]]],
      /description\[1\] calls unitwiseNorm, which makes no part of a transformation$/
    ],
    [
      'a function that is not given',
      ['sgd', ['function', 'rate']],
      /description\[1\] is a function named "rate"; give it: /
    ],
    [
      'a function of the kind that makes',
      ['sgd', ['function', 'adam']],
      /description\[1\] is a function named "adam"; give it: /
    ],
    ['a function without a name', ['sgd', ['function']], /description\[1\] must be \["function", name\]$/],
    ['a number that is none', ['clip', ['number', '12']], /description\[1\] must be \["number", one of .*got "12"$/],
    ['texts among numbers', ['clip', ['Float32Array', 1, 'a']], /description\[1\]\[2\] must be a number, got "a"$/],
    [
      'a key __proto__',
      JSON.parse('["adam", 0.1, { "__proto__": { "b1": 0.5 } }]'),
      /description\[2\] has a key __proto__/
    ],
    ['a Map', ['adam', new Map()], /description\[1\] must be what JSON can say, got a Map$/],
    ['what is too deep', deep, /description is nested deeper than 500 levels$/],
    [
      'what is too much',
      ['clip', Array.from({ length: 1_000_001 }, () => 0)],
      /description holds more than 1000000 values$/
    ]
  ])('refuses %s', (_title, given, message) => {
    const misuse = () => fromDescription(given)
    expect(misuse).toThrow(GradchainError)
    expect(misuse).toThrow(message)
  })

  test.each<readonly [string, object, RegExp]>([
    ['functions that are no object', { functions: [] }, /^fromDescription: functions must be an object, got \[\]$/],
    ['an unknown option', { names: {} }, /^fromDescription: there is no option names; there are functions, factories$/]
  ])('refuses %s', (_title, options, message) => {
    expect(() => fromDescription(['identity'], options)).toThrow(message)
  })

  test('whatever it is given, it is refused by an error of ours or makes a transformation', () => {
    const names = [
      'adam',
      'chain',
      'clip',
      'masked',
      'partition',
      'linearSchedule',
      'monitor',
      'function',
      'number',
      'array',
      'byPath'
    ]
    const { call } = fc.letrec<{ readonly call: unknown; readonly value: unknown }>((tie) => ({
      call: fc
        .tuple(fc.constantFrom(...names), fc.array(tie('value'), { maxLength: 3 }))
        .map(([name, given]) => [name, ...given]),
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(0.1, 1, true, null, 'a', {}),
        fc.anything({ maxDepth: 1 }),
        tie('call')
      )
    }))
    fc.assert(
      fc.property(fc.oneof(call, fc.anything()), (given) => {
        try {
          return typeof fromDescription(given).update === 'function'
        } catch (error) {
          return error instanceof GradchainError
        }
      })
    )
  })
})
