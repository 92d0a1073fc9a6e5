import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { sum } from '../expression/operations.js'
import { chain } from './chain.js'
import { type Described, describe as description } from './describe.js'
import { identity } from './identity.js'
import { namedChain } from './namedChain.js'
import { withOrigin } from './origin.js'
import { stateless } from './stateless.js'
import { transformation } from './transformation.js'

/** What is described of an argument. */
const of = (given: unknown, functions = {}): Described | undefined =>
  description(withOrigin(['f', given], identity()), { functions })[1]

const bare = {
  init: () => ({}),
  update: (updates: unknown, state: unknown) => [updates, state] as const
}

describe('describe', () => {
  test('a call is its name and its arguments', () => {
    expect(description(identity())).toStrictEqual(['identity'])
    expect(description(chain(identity(), chain()))).toStrictEqual(['chain', ['identity'], ['chain']])
    expect(description(namedChain({ a: identity() }))).toStrictEqual(['namedChain', { a: ['identity'] }])
  })

  test('a schedule, a mask or a measure is a call, too, wherever it stands', () => {
    const schedule = Object.assign((step: number) => step, { origin: ['line', 1] })
    expect(of({ rate: schedule })).toStrictEqual({ rate: ['line', 1] })
    const measure = Object.assign(() => [0, 0], { origin: ['average', schedule] })
    expect(of([{ init: () => 0, measure }])).toStrictEqual([['average', ['line', 1]]])
  })

  test('functions under the names init and update that are no transformation are described one by one', () => {
    const schedule = Object.assign((step: number) => step, { origin: ['line', 1] })
    expect(of({ init: schedule, update: schedule })).toStrictEqual({ init: ['line', 1], update: ['line', 1] })
  })

  test('what JSON can say is itself', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        const described = of(value)
        // Arrays that begin with a text and the zero with a sign are what JSON would keep, and a call or a number is not.
        return (
          /\["(?:array|number)",/.test(JSON.stringify(described)) || JSON.stringify(described) === JSON.stringify(value)
        )
      })
    )
  })

  test.each<readonly [string, unknown, Described]>([
    ['infinity', Number.POSITIVE_INFINITY, ['number', 'Infinity']],
    ['minus infinity', Number.NEGATIVE_INFINITY, ['number', '-Infinity']],
    ['no number', Number.NaN, ['number', 'NaN']],
    ['the zero with a sign', -0, ['number', '-0']],
    ['an argument left out', undefined, ['undefined']],
    ['a field left out', { a: undefined, b: 1 }, { b: 1 }],
    ['texts', ['a', 'b'], ['array', 'a', 'b']],
    ['a text further on', [1, 'b'], [1, 'b']],
    ['nothing in an array', [], []],
    ['lists in lists', [['a'], []], [['array', 'a'], []]],
    ['a typed array', new Float32Array([1, -0, Number.NaN]), ['Float32Array', 1, ['number', '-0'], ['number', 'NaN']]],
    ['an array', ndarray([1, 2], [2, 1]), { dtype: 'float32', shape: [2, 1], data: ['Float32Array', 1, 2] }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }]
  ])('%s', (_title, value, expected) => {
    expect(of(value)).toStrictEqual(expected)
    expect(JSON.parse(JSON.stringify(of(value)))).toStrictEqual(expected)
  })

  test('functions, and what is made of functions, by their names', () => {
    const mask = () => true
    const functions = { mask, bare }
    expect(of([mask, bare], functions)).toStrictEqual([
      ['function', 'mask'],
      ['function', 'bare']
    ])
    expect(description(stateless(mask as never), { functions })).toStrictEqual(['stateless', ['function', 'mask']])
    expect(description(chain(bare), { functions })).toStrictEqual(['chain', ['function', 'bare']])
    expect(description(bare, { functions })).toStrictEqual(['function', 'bare'])
    // A name is stronger than an origin.
    const tx = identity()
    expect(description(chain(tx), { functions: { tx } })).toStrictEqual(['chain', ['function', 'tx']])
  })

  const deep = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 0)
  const circle: Record<string, unknown> = {}
  circle['again'] = circle

  test.each<readonly [string, () => unknown, string]>([
    [
      'a transformation that does not say how it was made',
      () => description(transformation({ init: () => ({}), update: (u, s) => [u, s] })),
      'describe: the transformation does not say how it was made; give its definition an origin, or it a name: describe(tx, { functions: { mine: … } })'
    ],
    [
      'one inside another',
      () => description(chain(identity(), bare)),
      'describe: chain[1] does not say how it was made; give its definition an origin, or it a name: describe(tx, { functions: { mine: … } })'
    ],
    [
      'a function among options',
      () => of({ mask: () => true }),
      'describe: f[0].mask is a function; give it a name: describe(tx, { functions: { name: function } })'
    ],
    [
      'a function far inside',
      () => description(chain(withOrigin(['f', 1, { schedules: [0, () => 1] }], identity()))),
      'describe: chain[0].f[1].schedules[1] is a function; give it a name: describe(tx, { functions: { name: function } })'
    ],
    ['a Map', () => of(new Map()), 'describe: f[0] must be something that JSON can say, got a Map'],
    [
      'an expression',
      () => of({ a: sum(new Float32Array(2)) }),
      'describe: f[0].a must be something that JSON can say, got an Expr'
    ],
    ['a bigint', () => of(1n), 'describe: f[0] must be something that JSON can say, got 1n'],
    ['a symbol', () => of(Symbol('x')), 'describe: f[0] must be something that JSON can say, got Symbol(x)'],
    [
      '64-bit integers',
      () => of(new BigInt64Array(1)),
      'describe: f[0] must be something that JSON can say, got a BigInt64Array'
    ],
    [
      'a key that JSON.parse makes and nobody wants',
      () => of(JSON.parse('{ "__proto__": 1 }')),
      'describe: f[0] has a key __proto__, which is refused'
    ],
    ['what is too deep', () => of(deep(600)), 'describe: it is nested deeper than 500 levels'],
    ['what contains itself', () => of(circle), 'describe: it is nested deeper than 500 levels'],
    ['what is too much', () => of(new Uint8Array(1_000_001)), 'describe: it holds more than 1000000 values'],
    [
      'what is no transformation',
      () => description(1 as never),
      'describe: a transformation must be a pair { init, update } of functions, got 1'
    ],
    [
      'functions that are no object',
      () => description(identity(), { functions: 1 as never }),
      'describe: functions must be an object, got 1'
    ],
    [
      'an unknown option',
      () => description(identity(), { names: {} } as never),
      'describe: there is no option names; there are functions'
    ]
  ])('refuses %s', (_title, misuse, message) => {
    expect(misuse).toThrow(message)
  })

  test('is not too deep at the last level', () => {
    expect(() => of(deep(490))).not.toThrow()
  })
})
