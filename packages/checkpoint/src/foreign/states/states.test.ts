import { ndarray, step as stepOf } from '@gradchain/core'
import { keras, tensorflowjs } from '@gradchain/frameworks'
import { adam, emaParams, lion, namedChain, sgd } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { fromKeras, fromOptax, fromTfjs, type Tensor, type TensorTree, toKeras, toOptax, toTfjs } from '../../index.js'
import { refuseFor } from '../../internal/attempt.js'
import { rightOf, sentenceOf } from '../fixtureTesting.js'
import { optaxParts } from './optaxParts.js'
import { fieldsOf, inOrder, isSameButOnes, slotsOfState, stateOfSlots, tensorLeaf } from './slots.js'

const params = { w: Float32Array.of(1, 2), b: Float32Array.of(3) }
const grads = { w: Float32Array.of(0.5, -1), b: Float32Array.of(2) }
const names = ['w', 'b']
const int32 = (value: number): Tensor => ({ dtype: 'int32', shape: [], data: Int32Array.of(value) })
const tree = (...values: number[]) => ({ w: ndarray(values.slice(0, 2), [2]), b: ndarray(values.slice(2), [1]) })

describe('fromOptax', () => {
  const moments = { count: int32(3), mu: tree(1, 2, 3), nu: tree(4, 5, 6) }
  const read = (saved: TensorTree, step?: number) => fromOptax(saved, { optimizer: adam(0.1), params, step })

  test('reads lists and objects alike, and empty parts in any form', () => {
    const wanted = [
      {
        count: 3,
        mu: { w: Float32Array.of(1, 2), b: Float32Array.of(3) },
        nu: { w: Float32Array.of(4, 5), b: Float32Array.of(6) }
      },
      { count: 3 }
    ]
    for (const saved of [{ 0: moments, 1: {} }, [moments, null], [moments, { count: int32(3) }], [moments]]) {
      expect(rightOf(read(saved as TensorTree))).toStrictEqual(wanted)
    }
    expect(rightOf(read([moments, null], 3))).toStrictEqual(wanted)
  })

  test('a wrapper that names its parts needs no table', () => {
    const optimizer = namedChain({ first: adam(0.1) })
    expect(rightOf(fromOptax({ first: [moments, null] }, { optimizer, params }))).toHaveProperty('first.0.count', 3)
  })

  test.each<[string, TensorTree, number | undefined, string]>([
    [
      'a field too many',
      [{ ...moments, nu_max: tree(1, 2, 3) }],
      undefined,
      '0/nu_max/w must be kept by the optimizer, too'
    ],
    [
      'a field too few',
      [{ count: int32(3), mu: tree(1, 2, 3) }],
      undefined,
      'nu of "w" must be in the file, as the optimizer keeps [0].nu'
    ],
    [
      'a field twice',
      [moments, { mu: tree(1, 2, 3) }],
      undefined,
      '1/mu/w must be kept by the optimizer, too, as mu, got one too many'
    ],
    [
      'another shape',
      [{ ...moments, mu: { w: ndarray([1, 2, 3], [3]), b: ndarray([1], [1]) } }],
      undefined,
      '0/mu/w must be a tensor with the shape [2] that float32 can hold'
    ],
    [
      'another dtype',
      [{ ...moments, mu: { w: ndarray(new Float64Array(2), [2]), b: ndarray([1], [1]) } }],
      undefined,
      '0/mu/w must be a tensor with the shape [2] that float32 can hold'
    ],
    ['counts that differ', [moments, { count: int32(2) }], undefined, '1/count must be 3, as 0/count is, got 2'],
    [
      'a count that is none',
      [{ ...moments, count: int32(-1) }],
      undefined,
      '0/count must be a whole number ≥ 0, got -1'
    ],
    ['another step', [moments], 4, 'step must be 3, as in the file, got 4'],
    [
      'no count',
      [{ mu: moments.mu, nu: moments.nu }],
      undefined,
      'step must be given, as the file holds no count, got nothing'
    ]
  ])('refuses %s', (_, saved, step, sentence) => {
    expect(sentenceOf(read(saved, step))).toContain(`fromOptax: ${sentence}`)
  })

  test('refuses options that are none', () => {
    expect(() => fromOptax([moments], { optimizer: adam(0.1), params, step: 0.5 })).toThrow(
      'fromOptax: step must be a whole number ≥ 0'
    )
    expect(() => fromOptax([moments], { optimizer: adam(0.1), params, more: 1 } as never)).toThrow(
      'fromOptax: there is no option more'
    )
  })
})

describe('toOptax', () => {
  const optimizer = adam(0.1)
  const [, state] = stepOf(optimizer, grads, optimizer.init(params), params)
  const like = { 0: { count: int32(0), mu: tree(0, 0, 0), nu: tree(0, 0, 0) }, 1: {} }

  test('fills what it is like, in its dtypes, and fromOptax of it is the state', () => {
    const saved = toOptax(state, { optimizer, params, like })
    expect(saved).toHaveProperty(['0', 'count'], int32(1))
    expect(rightOf(fromOptax(saved, { optimizer, params }))).toStrictEqual(state)
    const half = { w: ndarray([0, 0], [2], 'bfloat16'), b: ndarray([0], [1], 'bfloat16') }
    expect(toOptax(state, { optimizer, params, like: { ...like, 0: { ...like[0], mu: half } } })).toHaveProperty(
      ['0', 'mu', 'w', 'dtype'],
      'bfloat16'
    )
  })

  test.each<[string, TensorTree, string]>([
    [
      'too little',
      { 0: { count: int32(0), mu: tree(0, 0, 0) } },
      'like must be with the 4 arrays that the optimizer keeps, got 2'
    ],
    ['too much', [like[0], { mu: tree(0, 0, 0) }], '1/mu/w must be kept once by the optimizer'],
    [
      'another shape',
      [{ ...like[0], mu: { w: ndarray([0], [1]), b: ndarray([0], [1]) } }],
      '0/mu/w must be a tensor of float32 with the shape [2]'
    ],
    [
      'a key of random numbers',
      [{ ...like[0], key: { dtype: 'uint32', shape: [2], data: new Uint32Array(2) } }],
      '0/key must be kept by the optimizer, too'
    ]
  ])('refuses %s', (_, other, sentence) => {
    expect(() => toOptax(state, { optimizer, params, like: other })).toThrow(`toOptax: ${sentence}`)
  })
})

describe('Keras and TensorFlow.js', () => {
  const optimizer = emaParams(keras.adam(0.1), { decay: 0.9 })
  const [, state] = stepOf(optimizer, grads, optimizer.init(params), params)
  const options = { optimizer, params, names, algorithm: 'Adam' } as const

  test('what the file knows nothing of begins anew', () => {
    const saved = toKeras(state, { ...options, learningRate: 0.1 })
    expect(saved.map(({ shape }) => shape)).toStrictEqual([[], [], [2], [2], [1], [1]])
    const back = rightOf(fromKeras(saved, options))
    const { innerState, ...others } = optimizer.init(params)
    expect(back).toStrictEqual({ ...others, innerState: state.innerState })
    expect(Object.keys(innerState)).toStrictEqual(Object.keys(state.innerState))
    expect(rightOf(fromKeras(toKeras(state, options), options))).toStrictEqual(back)
  })

  test.each<[string, TensorTree, Partial<typeof options> | { names: string[] }, string]>([
    ['no list', {}, {}, 'the variables must be a list, got an object'],
    ['too few variables', [int32(1)], {}, 'the variables must be 6, or one less with a schedule, as Adam keeps, got 1'],
    [
      'a count that is none',
      [int32(-1), ...toKeras(state, options).slice(1)],
      {},
      'vars/0 must be a whole number ≥ 0, got -1'
    ],
    [
      'names of no params',
      toKeras(state, options),
      { names: ['w', 'c'] },
      'names must be those of params, got "c", which params has not'
    ],
    ['a name twice', toKeras(state, options), { names: ['w', 'w'] }, 'names must be each there once, got "w" twice'],
    [
      'another order',
      toKeras(state, options),
      { names: ['b', 'w'] },
      'vars/3, mu of "w", must be a tensor with the shape [2]'
    ],
    ['too few names', [...toKeras(state, options)].slice(0, 3), { names: ['w'] }, 'mu of "b" must be in the file']
  ])('fromKeras refuses %s', (_, vars, other, sentence) => {
    expect(sentenceOf(fromKeras(vars, { ...options, ...other }))).toContain(`fromKeras: ${sentence}`)
  })

  const momentum = tensorflowjs.momentum(0.1, 0.9)
  const [, moving] = stepOf(momentum, grads, momentum.init(params), params)
  const tfjs = { optimizer: momentum, params, names, algorithm: 'Momentum' } as const
  const weights = toTfjs(moving, tfjs)

  test('fromTfjs of what toTfjs writes is the state, and before the first step there is a count alone', () => {
    expect(weights.map(({ name }) => name)).toStrictEqual(['iter', 'w/momentum', 'b/momentum'])
    expect(rightOf(fromTfjs(weights, tfjs))).toStrictEqual(moving)
    expect(rightOf(fromTfjs([{ name: 'iter', tensor: int32(0) }], tfjs))).toStrictEqual(momentum.init(params))
  })

  test('RMSProp keeps a momentum even where it is 0', () => {
    const rmsprop = { optimizer: tensorflowjs.rmsprop(0.1), params, names, algorithm: 'RMSProp' } as const
    const [, state] = stepOf(rmsprop.optimizer, grads, rmsprop.optimizer.init(params), params)
    const written = toTfjs(state, rmsprop)
    expect(written.map(({ name }) => name)).toStrictEqual(['iter', 'w/rms', 'b/rms', 'w/momentum', 'b/momentum'])
    expect(rightOf(fromTfjs(written, rmsprop))).toStrictEqual(state)
  })

  test.each<[string, typeof weights, string]>([
    ['no count', weights.slice(1), 'the first weight must be "iter", the number of steps, got "w/momentum"'],
    [
      'a count that is none',
      [{ name: 'iter', tensor: int32(-1) }, ...weights.slice(1)],
      'iter must be a whole number ≥ 0, got -1'
    ],
    [
      'those of another optimizer',
      [weights[0], { name: 'w/m', tensor: ndarray([1, 2], [2]) }] as typeof weights,
      'the weights must be of momentum, got m'
    ],
    ['too few', weights.slice(0, 2), 'names must be those of 1 variables, got 2']
  ])('fromTfjs refuses %s', (_, given, sentence) => {
    expect(sentenceOf(fromTfjs(given, tfjs))).toContain(`fromTfjs: ${sentence}`)
  })

  test('options that are none are refused', () => {
    expect(() => fromKeras([], { ...options, algorithm: 'Adan' as never })).toThrow(
      'fromKeras: algorithm must be one of "SGD", "Adam"'
    )
    expect(() => toKeras(state, { ...options, learningRate: Number.NaN })).toThrow(
      'toKeras: learningRate must be a finite number'
    )
    expect(() => toTfjs(moving, { ...tfjs, names: 'w' as never })).toThrow(
      'toTfjs: names must be a list of names, got "w"'
    )
    expect(() => toTfjs(lion(0.1).init(params) as never, { ...tfjs, optimizer: lion(0.1) as never })).toThrow(
      'toTfjs: w/momentum'
    )
    expect(sentenceOf(fromTfjs(weights, { ...tfjs, optimizer: sgd(0.1) as never }))).toContain(
      'kept by the optimizer, too, as trace'
    )
  })
})

test('the parts that they share', () => {
  const refuse = refuseFor('read')
  const target = { tx: adam(0.1), params: [{ name: 'w', path: ['w'], leaf: 1 }], shape: { w: 1 } }
  expect(fieldsOf('read', target).map(({ field }) => field)).toStrictEqual(['mu', 'nu'])
  expect(inOrder(refuse, target.params, ['w'])).toStrictEqual([0])
  expect(isSameButOnes([1, 3], [3])).toBe(true)
  expect(isSameButOnes([2, 3], [3, 2])).toBe(false)
  expect(isSameButOnes([2, 2, 2, 2, 2, 2, 2, 2, 3], [3, 2, 2, 2, 2, 2, 2, 2, 2])).toBe(false)
  expect(tensorLeaf(refuse, 'it', 2, true)).toStrictEqual({ dtype: 'float64', shape: [], data: Float64Array.of(-2) })
  expect(() => tensorLeaf(refuse, 'it', undefined)).toThrow('read: it must be kept once by the optimizer')
  expect(optaxParts([{ mu: { w: 1 } }, { t: 2 }], target.params, new Set(['mu']))).toMatchObject([
    { entry: '0/mu/w', field: 'mu', param: 0 },
    { entry: '1/t', field: 'count', number: 2 }
  ])
  const saved = { slots: new Map(), numbers: new Map(), step: 5, isAll: false, negated: [] }
  const state = stateOfSlots(refuse, saved, target)
  expect(state).toStrictEqual([{ count: 0, mu: { w: 0 }, nu: { w: 0 } }, { count: 5 }])
  expect(slotsOfState(refuse, state, target, () => false).step).toBe(5)
})
