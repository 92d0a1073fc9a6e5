// What a user may do wrong with the core, and what they are told: the kind of error and the whole sentence. And that
// nothing has changed afterwards: arguments, states and transformations are as good as before.

import { runInNewContext } from 'node:vm'
import {
  add,
  applyUpdates,
  chain,
  type Definition,
  type ErrorTag,
  force,
  type GradchainError,
  globalNorm,
  greater,
  InvalidState,
  InvalidTree,
  identity,
  incrementalUpdate,
  mul,
  type NdArray,
  namedChain,
  ndarray,
  read,
  stateless,
  step,
  sum,
  type Tree,
  transformation,
  transient,
  tree
} from '@gradchain/core'
import { describe, expect, test } from 'vitest'

interface TraceState {
  readonly count: number
  readonly trace: Tree
}

const trace = (decay: number) =>
  transformation<TraceState>({
    init: (params) => ({ count: 0, trace: tree.zerosLike(params) }),
    update: (updates, state) => {
      const next = tree.map((g, t) => add(g, mul(decay, t)), updates, state.trace)
      return [next, { count: state.count + 1, trace: next }]
    }
  })

const tx = chain(identity(), trace(0.5))
const params = () => ({ dense: { kernel: ndarray(new Float32Array(6), [2, 3]), bias: new Float32Array(3) }, scale: 1 })
type Params = ReturnType<typeof params>

const errorOf = (use: () => unknown): GradchainError => {
  try {
    use()
  } catch (error) {
    return error as GradchainError
  }
  throw new Error('nothing was refused')
}

type Row = readonly [name: string, use: () => unknown, tag: ErrorTag, message: string]

const tells = (rows: readonly Row[]): void => {
  test.each(rows)('%s', (_name, use, tag, message) => {
    const error = errorOf(use)
    expect([error._tag, error.message]).toEqual([tag, message])
  })
}

const NOT_A_LEAF = 'a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
const OTHER_STATE = 'was it made by another transformation, or for other params?'

class Layer {
  readonly kernel = new Float32Array(1)
}

describe('leaves that are none', () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [undefined, 'undefined'],
    ['1', '"1"'],
    [true, 'true'],
    [1n, '1n'],
    [Symbol('w'), 'Symbol(w)'],
    [() => 1, 'a function'],
    [new Map([['w', 1]]), 'a Map'],
    [new Set([1]), 'a Set'],
    [new Date(0), 'a Date'],
    [Promise.resolve(1), 'a Promise'],
    [new Layer(), 'a Layer'],
    [new BigInt64Array(1), 'a BigInt64Array'],
    [new Int32Array(1), 'an Int32Array'],
    [new Uint16Array(1), 'a Uint16Array'],
    [new ArrayBuffer(4), 'an ArrayBuffer'],
    [new DataView(new ArrayBuffer(4)), 'a DataView'],
    [new Number(1), 'a Number']
  ]
  const places: readonly (readonly [string, (leaf: unknown) => unknown, string])[] = [
    ['params of init', (leaf) => tx.init({ a: [0, leaf] } as never), 'init: params.a[1]'],
    ['gradients', (leaf) => tx.update({ a: leaf } as never, tx.init({ a: 0 }), { a: 0 } as never), 'update: grads.a'],
    [
      'params of update',
      (leaf) => tx.update<{ a: number }>({ a: 0 }, tx.init({ a: 0 }), { a: leaf } as never),
      'update: params.a'
    ],
    ['params of applyUpdates', (leaf) => applyUpdates({ a: leaf }, { a: 0 } as never), 'applyUpdates: params.a'],
    ['updates of applyUpdates', (leaf) => applyUpdates({ a: 0 }, { a: leaf } as never), 'applyUpdates: updates.a'],
    ['a tree', (leaf) => globalNorm({ 'a b': { c: leaf } } as never), 'globalNorm: tree["a b"].c'],
    ['the root', (leaf) => globalNorm(leaf as never), 'globalNorm: tree']
  ]
  for (const [name, use, place] of places) {
    tells(
      wrong.map(
        ([leaf, shown]): Row => [
          `${shown} as ${name}`,
          () => use(leaf),
          'InvalidTree',
          `${place} is ${shown}; ${NOT_A_LEAF}`
        ]
      )
    )
  }
})

describe('malformed arrays', () => {
  const array = (dtype: unknown, shape: unknown, data: unknown) => ({ w: [0, { dtype, shape, data }] })
  const f4 = new Float32Array(4)
  const rows: readonly (readonly [string, unknown, string])[] = [
    [
      'shape and data',
      array('float32', [3], f4),
      'init: params.w[1] has shape [3], that is 3 elements, and 4 in its data'
    ],
    ['no shape', array('float32', [], f4), 'init: params.w[1] has shape [], that is 1 elements, and 4 in its data'],
    [
      'a length below 0',
      array('float32', [-2, -2], f4),
      'init: params.w[1] has the shape [-2, -2]; lengths are whole numbers ≥ 0'
    ],
    [
      'half a length',
      array('float32', [1.5], f4),
      'init: params.w[1] has the shape [1.5]; lengths are whole numbers ≥ 0'
    ],
    [
      'NaN elements',
      array('float32', [Number.NaN], f4),
      'init: params.w[1] has the shape [NaN]; lengths are whole numbers ≥ 0'
    ],
    ['another dtype', array('float64', [4], f4), 'init: params.w[1] has dtype float64, and its data is a Float32Array'],
    [
      'floats for bits',
      array('bfloat16', [4], f4),
      'init: params.w[1] has dtype bfloat16, and its data is a Float32Array'
    ],
    [
      'integers',
      array('float32', [4], new Int32Array(4)),
      'init: params.w[1] has dtype float32, and its data is an Int32Array'
    ],
    ['a list', array('float32', [4], [1, 2, 3, 4]), `init: params.w[1].dtype is "float32"; ${NOT_A_LEAF}`],
    ['a dtype of others', array('int32', [4], new Int32Array(4)), `init: params.w[1].dtype is "int32"; ${NOT_A_LEAF}`]
  ]
  tells(rows.map(([name, wrong, message]): Row => [name, () => tx.init(wrong as never), 'InvalidTree', message]))
})

describe('gradients that do not fit', () => {
  const update = (grads: unknown) => () => tx.update(grads as Params, tx.init(params()), params())
  const { dense, scale } = params()
  tells([
    ['a missing key', update({ dense }), 'InvalidTree', 'update: grads has no "scale", params has it'],
    [
      'a missing key inside',
      update({ dense: { bias: dense.bias }, scale }),
      'InvalidTree',
      'update: grads.dense has no "kernel", params has it'
    ],
    ['a key too many', update({ dense, scale, more: 1 }), 'InvalidTree', 'update: grads has "more", params has not'],
    [
      'an array for a subtree',
      () => tx.update({ e: ndarray([1], [1]) } as never, tx.init({ e: { x: 1 } }), { e: { x: 1 } } as never),
      'InvalidTree',
      'update: grads.e is an NdArray, params has an object'
    ],
    ['nothing', update(undefined), 'InvalidTree', 'update: grads is undefined, params has an object'],
    ['null', update(null), 'InvalidTree', 'update: grads is null, params has an object'],
    ['null inside', update({ dense: null, scale }), 'InvalidTree', 'update: grads.dense is null, params has an object'],
    ['an array', update([dense, scale]), 'InvalidTree', 'update: grads is [an object, 1], params has an object'],
    ['a promise of them', update(Promise.resolve()), 'InvalidTree', 'update: grads is a Promise, params has an object'],
    [
      'another shape',
      update({ dense: { ...dense, kernel: ndarray(new Float32Array(6), [3, 2]) }, scale }),
      'InvalidTree',
      'update: grads.dense.kernel has shape [3, 2], params has [2, 3]'
    ],
    [
      'a flat kernel',
      update({ dense: { ...dense, kernel: new Float32Array(6) }, scale }),
      'InvalidTree',
      'update: grads.dense.kernel has shape [6], params has [2, 3]'
    ],
    [
      'another length',
      update({ dense: { ...dense, bias: new Float32Array(4) }, scale }),
      'InvalidTree',
      'update: grads.dense.bias has shape [4], params has [3]'
    ],
    [
      'another dtype',
      update({ dense: { ...dense, bias: new Float64Array(3) }, scale }),
      'InvalidTree',
      'update: grads.dense.bias has dtype float64, params has dtype float32; castGradients takes gradients of any dtype'
    ],
    [
      'half precision',
      update({ dense: { ...dense, kernel: ndarray(new Array(6).fill(0), [2, 3], 'float16') }, scale }),
      'InvalidTree',
      'update: grads.dense.kernel has dtype float16, params has dtype float32; castGradients takes gradients of any dtype'
    ],
    [
      'a list of numbers',
      update({ dense: { ...dense, bias: [0, 0, 0] }, scale }),
      'InvalidTree',
      'update: grads.dense.bias is [0, 0, 0], params has a Float32Array'
    ],
    [
      'an array for a number',
      update({ dense, scale: new Float32Array(1) }),
      'InvalidTree',
      'update: grads.scale has dtype float32, params is a number'
    ],
    [
      'a number for an array',
      update({ dense: { ...dense, bias: 0 }, scale }),
      'InvalidTree',
      'update: grads.dense.bias is a number, params has dtype float32'
    ]
  ])
})

describe('arguments in another order', () => {
  const given = { w: new Float32Array(2) }
  const state = tx.init(given)
  const message = 'update: state must come before params, got them the other way round'
  tells([
    ['of update', () => tx.update<never>(given as never, given as never, state as never), 'InvalidTree', message],
    ['of step', () => step(tx, given as never, given as never, state as never), 'InvalidTree', message],
    [
      'no params',
      () => (tx.update as (...given: unknown[]) => unknown)(given, state),
      'InvalidTree',
      'update: params must come after the state, got undefined'
    ]
  ])
})

describe('arrays that are none any more, or not yet', () => {
  const detached = new Float32Array(2)
  structuredClone(detached, { transfer: [detached.buffer] })
  const half = ndarray([1, 2], [2], 'float16')
  structuredClone(half, { transfer: [half.data.buffer] })
  const proxy = new Proxy(new Float32Array(2), {})
  const failing = {
    get w(): number {
      throw new RangeError('out of reach')
    }
  }
  const foreign = runInNewContext('({ w: 1 })')
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['detached', { w: detached }, '.w is a Float32Array whose memory was transferred to someone else'],
    ['a detached NdArray', { w: half }, '.w has data whose memory was transferred to someone else'],
    ['a proxy', { w: proxy }, '.w is a proxy of a Float32Array; a leaf must be the array itself'],
    ['a getter that throws', { a: failing }, '.a.w cannot be read (out of reach)'],
    ['a getter that throws at the root', failing, '.w cannot be read (out of reach)'],
    [
      'an object of another realm',
      { a: foreign },
      `.a is an object of another realm (a frame, a vm context); ${NOT_A_LEAF}`
    ]
  ]
  const json = JSON.parse(JSON.stringify({ layers: [{ 'a b': new Float32Array(2) }] }))
  const place = 'layers[0]["a b"]'
  const made = `is an object of numbers with the keys 0 to 1, which is what JSON makes of a typed array; ${NOT_A_LEAF}`
  const fine = { w: 1 }
  tells([
    ...wrong.flatMap(([name, given, message]): readonly Row[] => [
      [`${name}, init`, () => tx.init(given as never), 'InvalidTree', `init: params${message}`],
      [`${name}, transient`, () => transient(tx, given as never), 'InvalidTree', `transient: params${message}`],
      [
        `${name}, update`,
        () => tx.update(given as never, tx.init(fine), given as never),
        'InvalidTree',
        `update: ${name.startsWith('a getter') ? 'params' : 'grads'}${message}`
      ],
      [
        `${name}, applyUpdates`,
        () => applyUpdates(given, given as never),
        'InvalidTree',
        `applyUpdates: ${name.startsWith('a getter') ? 'params' : 'updates'}${message}`
      ],
      [`${name}, globalNorm`, () => globalNorm(given as never), 'InvalidTree', `globalNorm: tree${message}`]
    ]),
    ['out of JSON, init', () => tx.init(json), 'InvalidTree', `init: params.${place} ${made}`],
    ['out of JSON, transient', () => transient(tx, json), 'InvalidTree', `transient: params.${place} ${made}`]
  ])

  test('a step of transient that is refused for them has written nothing', () => {
    const run = transient(tx, { w: Float32Array.of(1, 2), v: Float32Array.of(3) })
    const before = run.snapshot()
    for (const w of [detached, proxy]) expect(() => run.step({ v: Float32Array.of(9), w })).toThrow(InvalidTree)
    const getters = {
      v: Float32Array.of(9),
      get w(): Float32Array {
        throw new RangeError('out of reach')
      }
    }
    expect(() => run.step(getters)).toThrow('step: grads.w cannot be read (out of reach)')
    expect(run.snapshot()).toStrictEqual(before)
    expect([...run.grads.v]).toStrictEqual([0])
    run.dispose()
  })

  test('an array without elements is none of these', () => {
    const empty = { w: new Float32Array(0), v: ndarray([], [0]) }
    expect(tx.update(empty, tx.init(empty), empty)[0]).toStrictEqual(empty)
  })

  test('arrays of another realm are arrays', () => {
    const [w, data] = runInNewContext('[Float32Array.of(1, 2), Float64Array.of(3)]')
    const given = { w, v: { dtype: 'float64', shape: [1], data } } as { w: Float32Array; v: NdArray<'float64'> }
    expect(w instanceof Float32Array).toBe(false)
    const own = { w: Float32Array.of(1, 2), v: ndarray(Float64Array.of(3), [1]) }
    const expected = tx.update(own, tx.init(own), own)
    expect(tx.update(given, tx.init(given), given)).toStrictEqual(expected)
    expect(applyUpdates(given, own)).toStrictEqual(applyUpdates(own, own))
    const run = transient(tx, given)
    run.step(given)
    expect(run.snapshot().params).toStrictEqual(applyUpdates(own, expected[0]))
    run.dispose()
  })
})

describe('parts that do not give what they must', () => {
  const given = { w: new Float32Array(2) }
  const part = (update: unknown, init: unknown = () => ({})) => chain(identity(), { init, update } as Bare)
  type Bare = ReturnType<typeof identity>
  const ours = (update: unknown) => transformation({ init: () => ({}), update } as Definition<object>)
  const must = 'update: an update must return [updates, state], got'
  tells([
    ['nothing', () => part(() => {}).update(given, [{}, {}], given), 'InvalidTree', `${must} undefined`],
    [
      'a promise',
      () => part(async () => [given, {}]).update(given, [{}, {}], given),
      'InvalidTree',
      `${must} a Promise`
    ],
    [
      'the updates alone',
      () => part((g: unknown) => g).update(given, [{}, {}], given),
      'InvalidTree',
      `${must} an object`
    ],
    [
      'nothing, in transient',
      () =>
        transient(
          part(() => {}),
          given
        ).step(given),
      'InvalidTree',
      `${must} undefined`
    ],
    ['nothing, ours', () => ours(() => {}).update(given, {}, given), 'InvalidTree', `${must} undefined`],
    [
      'a promise, ours',
      () =>
        step(
          ours(async () => {}),
          given,
          {},
          given
        ),
      'InvalidTree',
      `${must} a Promise`
    ],
    [
      'a promise of a state',
      () =>
        part(
          () => {},
          async () => ({})
        ).init(given),
      'InvalidState',
      'init: a state must be a value, got a Promise'
    ]
  ])
})

describe('trees that are none', () => {
  const cyclic: Record<string, unknown> = { w: 1 }
  cyclic['self'] = [cyclic]
  const proto = JSON.parse('{ "w": 1, "__proto__": { "polluted": 1 } }')
  tells([
    ['params in a circle', () => tx.init(cyclic as never), 'InvalidTree', 'init: params contains itself'],
    [
      'gradients in a circle',
      () => tx.update(cyclic as never, tx.init({ w: 1 }), cyclic as never),
      'InvalidTree',
      'update: params contains itself'
    ],
    ['a norm in a circle', () => globalNorm(cyclic as never), 'InvalidTree', 'globalNorm: tree contains itself'],
    ['a forced circle', () => force(cyclic as never), 'InvalidTree', 'evaluate: tree contains itself'],
    [
      'params with __proto__',
      () => tx.init(proto),
      'InvalidTree',
      'init: params has a key __proto__, which is refused'
    ],
    [
      'gradients with __proto__',
      () => tx.update(proto, tx.init({ w: 1 }), { w: 1 }),
      'InvalidTree',
      'update: grads has "__proto__", params has not'
    ],
    [
      'a mapped __proto__',
      () => tree.map((x: number) => x, proto),
      'InvalidTree',
      'map: tree has a key __proto__, which is refused'
    ]
  ])
  test('nothing is polluted', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('states of others', () => {
  const given = { w: new Float32Array(2) }
  const update = (state: unknown) => () => tx.update(given, state as never, given)
  const [empty, good] = tx.init(given)
  tells([
    [
      'undefined',
      update(undefined),
      'InvalidState',
      `update: state is undefined, a fresh state has [an object, an object]; ${OTHER_STATE}`
    ],
    [
      'of another length',
      update([empty]),
      'InvalidState',
      `update: state has 1 items, a fresh state has 2; ${OTHER_STATE}`
    ],
    [
      'in another order',
      update([good, empty]),
      'InvalidState',
      `update: state[0] has "count", a fresh state has not; ${OTHER_STATE}`
    ],
    [
      'of a part',
      update(good),
      'InvalidState',
      `update: state is an object, a fresh state has [an object, an object]; ${OTHER_STATE}`
    ],
    [
      'for other params',
      update(tx.init({ w: new Float32Array(3) })),
      'InvalidState',
      `update: state[1].trace.w has shape [3], a fresh one has [2]; ${OTHER_STATE}`
    ],
    [
      'for params by other names',
      update(tx.init({ v: new Float32Array(2) })),
      'InvalidState',
      `update: state[1].trace has no "w", a fresh state has it; ${OTHER_STATE}`
    ],
    [
      'out of JSON',
      update(JSON.parse(JSON.stringify(tx.init(given)))),
      'InvalidState',
      'update: state[1].trace.w is an object, a fresh state has a Float32Array; did it go through JSON, which does not keep arrays?'
    ],
    [
      'of lists for arrays',
      update([empty, { ...good, trace: { w: [0, 0] } }]),
      'InvalidState',
      'update: state[1].trace.w is [0, 0], a fresh state has a Float32Array; did it go through JSON, which does not keep arrays?'
    ],
    ...[Number.NaN, -1, 1.5, Infinity, 2 ** 53].map(
      (count): Row => [
        `with ${count} for a count`,
        update([empty, { ...good, count }]),
        'InvalidState',
        `update: state[1].count must be a whole number ≥ 0, got ${count}`
      ]
    ),
    [
      'with a count that is none',
      update([empty, { ...good, count: null }]),
      'InvalidState',
      `update: state[1].count is null, a fresh state has 0; ${OTHER_STATE}`
    ]
  ])
})

describe('options', () => {
  const [p, n] = [{ w: 1 }, { w: 2 }]
  tells([
    [
      'NaN',
      () => incrementalUpdate(n, p, Number.NaN),
      'InvalidOption',
      'incrementalUpdate: stepSize must be in [0, 1], got NaN'
    ],
    [
      'Infinity',
      () => incrementalUpdate(n, p, Infinity),
      'InvalidOption',
      'incrementalUpdate: stepSize must be in [0, 1], got Infinity'
    ],
    [
      'a word',
      () => incrementalUpdate(n, p, '1' as never),
      'InvalidOption',
      'incrementalUpdate: stepSize must be in [0, 1], got "1"'
    ],
    [
      'none',
      () => incrementalUpdate(n, p, undefined as never),
      'InvalidOption',
      'incrementalUpdate: stepSize must be in [0, 1], got undefined'
    ],
    ['no function', () => stateless({} as never), 'InvalidOption', 'stateless: f must be a function, got an object'],
    [
      'no definition',
      () => transformation(null as never),
      'InvalidOption',
      'transformation: definition must be a pair { init, update } of functions, got null'
    ],
    [
      'half a definition',
      () => transformation({ init: () => ({}) } as never),
      'InvalidOption',
      'transformation: definition must be a pair { init, update } of functions, got an object'
    ],
    [
      'an uncalled factory in a chain',
      () => chain(identity as never),
      'InvalidOption',
      'chain: a transformation must be a pair { init, update } of functions, got a function'
    ],
    [
      'a list in a chain',
      () => chain([identity()] as never),
      'InvalidOption',
      'chain: a transformation must be a pair { init, update } of functions, got [an object]'
    ],
    [
      'an uncalled factory by name',
      () => namedChain({ id: identity as never }),
      'InvalidOption',
      'namedChain: id: a transformation must be a pair { init, update } of functions, got a function'
    ],
    [
      'a number for a name',
      () => namedChain({ 1: identity() }),
      'InvalidOption',
      'namedChain: a name must be a word, got "1"'
    ],
    [
      'a step of nothing',
      () => step(undefined as never, n as never, {} as never, p, undefined as never),
      'InvalidOption',
      'step: a transformation must be a pair { init, update } of functions, got undefined'
    ]
  ])
})

describe('expressions used as values', () => {
  const lazy = sum(new Float32Array([1, 2]))
  const x = lazy as never as number
  const given = { w: new Float32Array(1) }
  const message =
    'an expression is lazy, it has no value to compare or compute with: use `where`, or `read(x)` to force it'
  tells([
    ['compared', () => x > 3, 'LazyValue', message],
    ['added', () => x + 1, 'LazyValue', message],
    ['in a text', () => `${x}`, 'LazyValue', message],
    ['as an index', () => [1, 2][x], 'LazyValue', message],
    [
      'in JSON',
      () => JSON.stringify({ loss: lazy }),
      'LazyValue',
      'an expression is lazy, it has no value to write down: use `force(tree)` for arrays, `read(x)` for a number'
    ],
    [
      'a branch inside a transformation',
      () => stateless((g) => ((tree.norm(g) as number) > 1 ? tree.zerosLike(g) : g)).update(given, {}, given),
      'LazyValue',
      message
    ],
    [
      'read as a whole array',
      () => read(mul(new Float32Array(2), 2)),
      'InvalidOption',
      'read: x must be a number or a lazy scalar, got an array'
    ]
  ])
  test('cloned', () => {
    const message = 'an expression is lazy, there is no value to clone: use `force(tree)` for arrays'
    expect(() => structuredClone(tree.cast({ w: new Float32Array(1) }, 'float64'))).toThrow(message)
  })
  test('what is meant works', () => {
    expect([read(greater(lazy, 2)), read(lazy) > 2]).toStrictEqual([1, true])
  })
})

describe('what looks odd and is right', () => {
  test.each([
    ['no params', {}],
    ['an empty list', []],
    ['null', null],
    ['nothing but nulls', { a: null, b: [null] }],
    ['an array without elements', { w: new Float32Array(0) }],
    ['shapes without elements', { w: ndarray([], [0, 5]), v: ndarray([], [3, 0], 'bfloat16') }],
    ['a single element', { w: ndarray([1], []) }],
    ['one number', 3],
    ['one array', new Float32Array([1, 2])]
  ])('%s', (_name, given) => {
    const p = given as { w: number }
    const state = tx.init(p)
    const [updates, next] = tx.update(p, state, p)
    expect(updates).toStrictEqual(p)
    expect(next[1].count).toBe(1)
    const [after] = step(tx, p, next, p)
    expect(globalNorm(after)).toBeGreaterThanOrEqual(0)
    expect(globalNorm({} as never)).toBe(0)
  })

  test('a bare array and a list of the same elements go together, and what is kept has the form of the params', () => {
    const [bare, list] = [{ w: Float32Array.of(1, 2) }, { w: ndarray([1, 2], [2]) }]
    for (const [given, other] of [
      [bare, list],
      [list, bare]
    ] as [typeof bare, typeof list][]) {
      const expected = tx.update(given, tx.init(given), given)
      expect(tx.update(other as never, tx.init(given), given)).toStrictEqual(expected)
      expect(step(tx, other as never, tx.init(given), given)[1]).toStrictEqual(expected[1])
      const run = transient(tx, given)
      run.step(other as never)
      expect(run.snapshot().state).toStrictEqual(expected[1])
      run.dispose()
    }
  })

  test('NaN and infinity are data', () => {
    const p = { w: new Float32Array([Number.NaN, Infinity, 1]) }
    expect(applyUpdates(p, { w: new Float32Array([1, -Infinity, Number.NaN]) })).toStrictEqual({
      w: new Float32Array([Number.NaN, Number.NaN, Number.NaN])
    })
  })
})

describe('nothing is spoilt', () => {
  test('arguments, states and the transformation are as good as before', () => {
    const given = params()
    const grads = {
      dense: { kernel: ndarray(new Float32Array(6).fill(1), [2, 3]), bias: new Float32Array(3).fill(2) },
      scale: 3
    }
    let state = tx.init(given)
    state = tx.update(grads, state, given)[1]
    const before = structuredClone([given, grads, state])
    const expected = tx.update(grads, state, given)
    const wrong: (() => unknown)[] = [
      () => tx.update({ ...grads, scale: 'x' } as never, state, given),
      () => tx.update({ ...grads, dense: { ...grads.dense, bias: new Float32Array(9) } }, state, given),
      () => tx.update(grads, [state[0], { ...state[1], count: 'x' }] as never, given),
      () => tx.update<Params>(grads, state, { ...given, scale: undefined } as never),
      () => step(tx, { dense: grads.dense } as never, state, given),
      () => applyUpdates(given, { ...grads, more: 1 } as never)
    ]
    for (const use of wrong) {
      expect(use).toThrow()
      expect([given, grads, state]).toStrictEqual(before)
      expect(tx.update(grads, state, given)).toStrictEqual(expected)
    }
  })

  test('a definition that throws half-way leaves the state usable', () => {
    let healthy = false
    const moody = transformation<TraceState>({
      init: (p) => ({ count: 0, trace: tree.zerosLike(p) }),
      update: (updates, state) => {
        const next = tree.map((g, t) => add(g, t), updates, state.trace)
        if (!healthy) throw new RangeError('moody')
        return [next, { count: state.count + 1, trace: next }]
      }
    })
    const both = chain(trace(0.5), moody)
    const given = { w: new Float32Array([1, 2]) }
    const state = both.init(given)
    expect(() => both.update(given, state, given)).toThrow('moody')
    healthy = true
    expect(both.update(given, state, given)[0]).toEqual(given)
  })

  test('an InvalidState is an error one can branch on', () => {
    const error = errorOf(() => tx.update({ w: 1 }, [] as never, { w: 1 }))
    expect(error).toBeInstanceOf(InvalidState)
    expect(error.name).toBe('InvalidState')
  })
})
