import { chain, InvalidOption, InvalidTree, type NdArray, ndarray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { pytorch } from '@gradchain/frameworks'
import { adam, adamw, sgd } from '@gradchain/optimizers'
import { clipByGlobalNorm, emaParams, freeze, masked, multiSteps, partition, scaleByAdam } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { fixture, rightOf, sentenceOf } from '../foreign/fixtureTesting.js'
import type { TensorTree } from '../tensor.js'
import { decodePytorch } from './decodePytorch.js'
import { fromPytorch } from './fromPytorch.js'

const zeros = (...shape: number[]): NdArray => ndarray(new Float32Array(shape.reduce((size, n) => size * n, 1)), shape)

describe('the state of a model', () => {
  const saved = { 'body.weight': ndarray([1, 2], [2, 1]), 'body.bias': ndarray([3], [1]), scale: ndarray([4], []) }

  test('names become paths', () => {
    expect(rightOf(fromPytorch(saved))).toStrictEqual({
      body: { weight: saved['body.weight'], bias: saved['body.bias'] },
      scale: saved.scale
    })
  })

  test('it becomes like other params: arrays, vectors, numbers, wider dtypes, whatever the structure', () => {
    const like = { body: { bias: new Float64Array(1), weight: zeros(2, 1) }, scale: 0 }
    expect(rightOf(fromPytorch(saved, { like }))).toStrictEqual({
      body: { bias: Float64Array.of(3), weight: saved['body.weight'] },
      scale: 4
    })
    const numbered = { '0.w': ndarray([1], [1]), '1.w': ndarray([2], [1]) }
    expect(rightOf(fromPytorch(numbered, { like: [{ w: zeros(1) }, { w: zeros(1) }] }))).toStrictEqual([
      { w: numbered['0.w'] },
      { w: numbered['1.w'] }
    ])
    const half = { w: ndarray([1.5], [1], 'bfloat16') }
    expect(rightOf(fromPytorch(half, { like: { w: new Float32Array(1) } }))).toStrictEqual({
      w: Float32Array.of(1.5)
    })
  })

  test('what comes out is a copy', () => {
    const params = rightOf(fromPytorch(saved, { like: { body: { weight: zeros(2, 1), bias: zeros(1) }, scale: 0 } }))
    expect(params.body.weight.data).not.toBe(saved['body.weight'].data)
  })

  test.each<[string, TensorTree, unknown, string]>([
    [
      'another shape',
      saved,
      { body: { weight: zeros(1, 2), bias: zeros(1) }, scale: 0 },
      '"body.weight" must be a tensor with the shape [1, 2] that float32 can hold, got a tensor of float32 with the shape [2, 1]'
    ],
    [
      'a narrower dtype',
      saved,
      { body: { weight: ndarray([0, 0], [2, 1], 'bfloat16'), bias: zeros(1) }, scale: 0 },
      'that bfloat16 can hold'
    ],
    [
      'a name that is missing',
      saved,
      { body: { weight: zeros(2, 1), bias: zeros(1) }, scale: 0, more: 0 },
      '"more" must be a tensor with the shape []'
    ],
    [
      'a name more',
      saved,
      { body: { weight: zeros(2, 1), bias: zeros(1) } },
      'must be of the names in like, got "scale" besides'
    ],
    [
      'whole numbers',
      { n: { dtype: 'int64', shape: [], data: BigInt64Array.of(1n) } },
      { n: 0 },
      'got a tensor of int64'
    ],
    ['no object', [1], { n: 0 }, 'the state of a model must be an object, got [1]']
  ])('%s is refused', (_, model, like, sentence) => {
    expect(sentenceOf(fromPytorch(model, { like: like as { readonly n: number } }))).toContain(sentence)
  })

  test.each<[string, TensorTree, string]>([
    [
      'a tensor below a tensor',
      { a: ndarray([1], []), 'a.b': ndarray([1], []) },
      'must be below no other tensor, got one below "a"'
    ],
    ['a tensor above tensors', { 'a.b': ndarray([1], []), a: ndarray([1], []) }, 'got "a" twice'],
    ['a dangerous name', { 'a.__proto__.b': ndarray([1], []) }, 'without a key __proto__']
  ])('%s is refused', (_, model, sentence) => {
    expect(sentenceOf(fromPytorch(model))).toContain(sentence)
  })
})

const group = {
  lr: 0.1,
  betas: [0.9, 0.99],
  eps: 1e-8,
  weight_decay: 0,
  amsgrad: false,
  maximize: false,
  decoupled_weight_decay: true
}
const params = { a: new Float32Array(2), b: { c: zeros(1) } }
const entry = (step: number, ...shape: number[]) => ({
  step: ndarray([step], []),
  exp_avg: ndarray(new Float32Array(shape[0] ?? 1).fill(1), shape),
  exp_avg_sq: ndarray(new Float32Array(shape[0] ?? 1).fill(2), shape)
})
const names = ['a', 'b.c']
const saved = { state: { 0: entry(3, 2), 1: entry(3, 1) }, param_groups: [{ ...group, params: [0, 1] }] }

describe('the state of an optimizer', () => {
  test('goes to its places in a chain, and all counts go on', () => {
    const optimizer = chain(clipByGlobalNorm(1), adamw(0.1))
    const { state } = rightOf(fromPytorch(saved, { optimizer, params, names }))
    const mu = { a: Float32Array.of(1, 1), b: { c: ndarray([1], [1]) } }
    const nu = { a: Float32Array.of(2, 2), b: { c: ndarray([2], [1]) } }
    expect(state).toStrictEqual([{}, [{ count: 3, mu, nu }, { count: 3 }, { count: 3 }]])
  })

  test('goes to its places in wrappers, whose own part begins anew', () => {
    const optimizer = emaParams(multiSteps(adam(0.1), 2), { decay: 0.9 })
    const { state } = rightOf(fromPytorch(saved, { optimizer, params, names }))
    const fresh = optimizer.init(params)
    expect(state.count).toBe(0)
    expect(state.average).toStrictEqual(fresh.average)
    expect(tree.get(state, 'mu')).toStrictEqual({ a: Float32Array.of(1, 1), b: { c: ndarray([1], [1]) } })
    expect(tree.getAllWithPath(state, 'count').map(([, count]) => count)).toStrictEqual([0, 3, 3])
  })

  test('goes to the part of a partition that a param belongs to', () => {
    const optimizer = partition({ a: adam(0.1), c: adam(0.2) }, { a: 'a', b: 'c' })
    const { state } = rightOf(fromPytorch(saved, { optimizer, params, names }))
    expect(state.innerStates.a[0].mu).toStrictEqual({ a: Float32Array.of(1, 1), b: { c: null } })
    expect(state.innerStates.c[0].mu).toStrictEqual({ a: null, b: { c: ndarray([1], [1]) } })
  })

  test('a param without an entry keeps a fresh state; a param without a name may have none', () => {
    const { 0: first } = saved.state
    const resumed = fromPytorch({ ...saved, state: { 0: first } }, { optimizer: adam(0.1), params, names })
    expect(rightOf(resumed).state[0].mu).toStrictEqual({ a: Float32Array.of(1, 1), b: { c: zeros(1) } })
    const optimizer = masked(adam(0.1), { a: true, b: false })
    const one = { state: { 0: first }, param_groups: [{ ...group, params: [0] }] }
    expect(rightOf(fromPytorch(one, { optimizer, params, names: ['a'] })).state.innerState[0].count).toBe(3)
  })

  test('before the first step it is a fresh one', () => {
    const before = rightOf(decodePytorch(fixture('pytorch/adamw.before.pt'))) as { readonly optimizer: TensorTree }
    const four = { body: { weight: zeros(3, 2), bias: zeros(3) }, head: { weight: zeros(2, 3), bias: zeros(2) } }
    const all = ['body.weight', 'body.bias', 'head.weight', 'head.bias']
    const optimizer = pytorch.adamw(0.1)
    const resumed = rightOf(fromPytorch(before.optimizer, { optimizer, params: four, names: all }))
    expect(resumed.state).toStrictEqual(optimizer.init(four))
    expect(resumed.groups).toStrictEqual([
      {
        names: all,
        lr: 0.05,
        options: { betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.01, amsgrad: false, maximize: false }
      }
    ])
    const sums = rightOf(decodePytorch(fixture('pytorch/adagrad.before.pt'))) as { readonly optimizer: TensorTree }
    const adagrad = pytorch.adagrad(0.1, { initialAccumulatorValue: 0.1 })
    expect(rightOf(fromPytorch(sums.optimizer, { optimizer: adagrad, params: four, names: all })).state).toStrictEqual(
      adagrad.init(four)
    )
  })

  test('the names of the file are taken where there are some', () => {
    const named = { ...saved, param_groups: [{ ...group, params: [0, 1], param_names: names }] }
    expect(rightOf(fromPytorch(named, { optimizer: adam(0.1), params })).groups[0]?.names).toStrictEqual(names)
  })

  test('the groups of a file that does not say whether the decay is decoupled want the algorithm', () => {
    const { decoupled_weight_decay, ...older } = group
    const old = { ...saved, param_groups: [{ ...older, params: [0, 1] }] }
    expect(decoupled_weight_decay).toBe(true)
    expect(sentenceOf(fromPytorch(old, { optimizer: adam(0.1), params, names }))).toContain(
      'unless the algorithm is given'
    )
    const read = rightOf(fromPytorch(old, { optimizer: adam(0.1), params, names, algorithm: 'AdamW' }))
    expect(read.algorithm).toBe('AdamW')
  })

  const with0 = (change: object): TensorTree => ({
    ...saved,
    state: { ...saved.state, 0: { ...entry(3, 2), ...change } }
  })
  const withGroup = (change: object): TensorTree => ({
    ...saved,
    param_groups: [{ ...group, params: [0, 1], ...change }]
  })

  test.each<[string, TensorTree, object, string]>([
    ['no groups', { state: {} }, {}, 'param_groups must be an array, got undefined'],
    [
      'an empty list of groups',
      { state: {}, param_groups: [] },
      { names: [], algorithm: 'SGD' },
      'param_groups must be one group or more, got none'
    ],
    ['no state', { param_groups: [{ ...group, params: [0, 1] }] }, {}, 'state must be an object, got undefined'],
    ['no params in a group', withGroup({ params: null }), {}, 'param_groups[0].params must be an array, got null'],
    [
      'params out of order',
      withGroup({ params: [1, 0] }),
      {},
      'param_groups must be of the params 0 to 1 in order, got 1'
    ],
    [
      'a state of more params',
      { ...saved, state: { 7: entry(3, 2) } },
      {},
      'state must be of the params 0 to 1, got "7"'
    ],
    ['a negative key', { ...saved, state: { '-1': entry(3, 2) } }, {}, 'state must be of the params 0 to 1, got "-1"'],
    ['a key with a zero before it', { ...saved, state: { '01': entry(3, 2) } }, {}, 'params 0 to 1, got "01"'],
    [
      'what the given algorithm does not keep',
      with0({ max_exp_avg: ndarray([1, 1], [2]) }),
      { algorithm: 'Adam' },
      'state[0].max_exp_avg must be among what Adam keeps: step, exp_avg, exp_avg_sq, max_exp_avg_sq, got a tensor of float32'
    ],
    ['keys that are texts', { ...saved, state: { x: entry(3, 2) } }, {}, 'state must be of the params 0 to 1, got "x"'],
    [
      'no names',
      saved,
      { names: undefined },
      'names must be given, as the file holds none: params are known by their order alone'
    ],
    ['too few names', saved, { names: ['a'] }, 'names must be the names of 2 params, got 1'],
    ['a name twice', saved, { names: ['a', 'a'] }, 'names must be each there once, got "a" twice'],
    [
      'a name that is none',
      saved,
      { names: ['a', 'd'] },
      'names must be those of params, got "d", which params has not'
    ],
    [
      'names in another order',
      saved,
      { names: ['b.c', 'a'] },
      'state[1].exp_avg, that of "a", must be a tensor with the shape [2]'
    ],
    [
      'a param without a name',
      { state: { 0: entry(3, 2) }, param_groups: [{ ...group, params: [0] }] },
      { names: ['a'] },
      'names must be with "b.c", for which the optimizer keeps [0].mu, got without'
    ],
    [
      'hyperparameters of nobody',
      withGroup({ betas: undefined }),
      {},
      'param_groups must be those of one of SGD, AdamW'
    ],
    [
      'hyperparameters of the wrong kind',
      withGroup({ eps: 'small' }),
      {},
      'param_groups[0].eps must be a number, got "small"'
    ],
    ['a flag that is none', withGroup({ amsgrad: 1 }), {}, 'param_groups[0].amsgrad must be a boolean, got 1'],
    ['three betas', withGroup({ betas: [1, 2, 3] }), {}, 'param_groups[0].betas must be 2 numbers, got 3'],
    [
      'another algorithm than that of the file',
      saved,
      { algorithm: 'AdamW', optimizer: sgd(0.1) },
      'state[0].exp_avg, that of "a", must be kept by the optimizer as mu, got an optimizer without'
    ],
    [
      'what must be otherwise',
      withGroup({ decoupled_weight_decay: false }),
      { algorithm: 'AdamW' },
      'param_groups[0].decoupled_weight_decay must be true for AdamW, got false'
    ],
    [
      'a moment that is missing',
      with0({ exp_avg_sq: null }),
      {},
      'state[0].exp_avg_sq, that of "a", must be there, as the optimizer keeps [0].nu, got nothing'
    ],
    [
      'AMSGrad without its maximum',
      saved,
      { optimizer: pytorch.adam(0.1, { amsgrad: true }) },
      'state[0].max_exp_avg_sq, that of "a", must be there, as the optimizer keeps [2][0].nuMax'
    ],
    [
      'a maximum for Adam',
      with0({ max_exp_avg_sq: ndarray([1, 1], [2]) }),
      {},
      'must be kept by the optimizer as nuMax'
    ],
    [
      'steps that differ',
      with0({ step: ndarray([4], []) }),
      {},
      'state[1].step must be 4, as that of the params before it: ours have one count, got 3'
    ],
    ['half a step', with0({ step: 2.5 }), {}, 'state[0].step must be a whole number ≥ 0, got 2.5'],
    [
      'a step in 16 bits',
      with0({ step: ndarray([3], [], 'bfloat16') }),
      {},
      'state[0].step must be a number of at least 32 bits'
    ],
    ['no step', with0({ step: null }), {}, 'state[0].step must be a number, got undefined'],
    ['another step than that of the file', saved, { step: 5 }, 'step must be 3, as in the file, got 5'],
    [
      'two places',
      saved,
      { optimizer: chain(scaleByAdam(), adam(0.1)) },
      'must be kept in one place as mu, got [0].mu and [1][0].mu'
    ]
  ])('%s is refused', (_, state, options, sentence) => {
    expect(sentenceOf(fromPytorch(state, { optimizer: adam(0.1), params, names, ...options }))).toContain(sentence)
  })

  test('SGD does not say how many steps it took', () => {
    const state = { 0: { momentum_buffer: ndarray([1, 2], [2]) }, 1: { momentum_buffer: ndarray([3], [1]) } }
    const sgdGroup = {
      lr: 0.1,
      momentum: 0.9,
      dampening: 0,
      weight_decay: 0,
      nesterov: false,
      maximize: false,
      params: [0, 1]
    }
    const options = { optimizer: sgd(0.1, { momentum: 0.9 }), params, names }
    const trained = { state, param_groups: [sgdGroup] }
    expect(sentenceOf(fromPytorch(trained, options))).toContain('step must be given, as SGD does not count its steps')
    const resumed = rightOf(fromPytorch(trained, { ...options, step: 7 }))
    expect(resumed.state).toStrictEqual([
      { count: 7, trace: { a: Float32Array.of(1, 2), b: { c: ndarray([3], [1]) } } },
      { count: 7 }
    ])
  })

  test('NAdam has one product of momenta', () => {
    const nadam = { ...group, amsgrad: undefined, momentum_decay: 4e-3, params: [0, 1] }
    const with_ = (a: number, b: number): TensorTree => ({
      state: {
        0: { ...entry(3, 2), mu_product: ndarray([a], []) },
        1: { ...entry(3, 1), mu_product: ndarray([b], []) }
      },
      param_groups: [nadam as unknown as TensorTree]
    })
    const options = { optimizer: pytorch.nadam(0.1), params, names }
    expect(tree.get(rightOf(fromPytorch(with_(0.5, 0.5), options)).state, 'momentumProduct')).toBe(0.5)
    expect(sentenceOf(fromPytorch(with_(0.5, 0.25), options))).toContain('state[1].mu_product must be 0.5')
  })
})

describe('a part of a file', () => {
  const file = { epoch: 3, model: { a: ndarray([1, 2], [2]), 'b.c': ndarray([3], [1]) }, optimizers: [saved] }

  test('is taken where it is', () => {
    expect(rightOf(fromPytorch(file, { at: ['model'], like: params }))).toStrictEqual({
      a: Float32Array.of(1, 2),
      b: { c: ndarray([3], [1]) }
    })
    expect(rightOf(fromPytorch(file, { at: ['model'] }))).toStrictEqual({
      a: file.model.a,
      b: { c: file.model['b.c'] }
    })
    const options = { optimizer: adam(0.1), params, names }
    expect(rightOf(fromPytorch(file, { at: ['optimizers', 0], ...options }))).toStrictEqual(
      rightOf(fromPytorch(saved, options))
    )
  })

  test.each<[readonly (string | number)[], string]>([
    [['modle'], 'the value must be with "modle", got epoch, model, optimizers'],
    [['optimizers', 1], '.optimizers must be with 1, got 0'],
    [['epoch', 'x'], '.epoch must be with "x", got 3'],
    [['model', 'a', 'data'], '.model.a must be with "data", got a tensor of float32 with the shape [2]'],
    [['toString'], 'the value must be with "toString"']
  ])('%s is not there', (at, sentence) => {
    expect(sentenceOf(fromPytorch(file, { at }))).toContain(sentence)
  })
})

describe('options that are none', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a strange one',
      () => fromPytorch(saved, { optimizer: adam(0.1), params, nmaes: names } as never),
      'there is no option nmaes'
    ],
    [
      'names that are none',
      () => fromPytorch(saved, { optimizer: adam(0.1), params, names: [1] as never }),
      'names must be a list of names'
    ],
    [
      'a place that is none',
      () => fromPytorch(saved, { at: 'model' as never }),
      'at must be a list of names and numbers'
    ],
    ['half a step', () => fromPytorch(saved, { optimizer: adam(0.1), params, names, step: 0.5 }), 'step must be'],
    [
      'an algorithm that is none',
      () => fromPytorch(saved, { optimizer: adam(0.1), params, names, algorithm: 'LBFGS' as never }),
      'algorithm must be'
    ]
  ])('%s is refused', (_, call, sentence) => {
    expect(call).toThrow(InvalidOption)
    expect(call).toThrow(sentence)
  })

  test.each<[string, unknown, string]>([
    ['a text', { a: 'x' }, 'fromPytorch: params.a must be an array or a number, got "x"'],
    ['one name for two', { 'b.c': 1, b: { c: 2 } }, 'fromPytorch: params must have names that differ, got "b.c" twice']
  ])('params with %s are refused', (_, odd, sentence) => {
    const call = () => fromPytorch(saved, { optimizer: adam(0.1), params: odd as never, names })
    expect(call).toThrow(InvalidTree)
    expect(call).toThrow(sentence)
  })
})

test('freezing leaves nothing to fill', () => {
  const optimizer = partition({ train: adam(0.1), keep: freeze(true) }, { a: 'train', b: 'keep' })
  const one = { state: { 0: entry(3, 2) }, param_groups: [{ ...group, params: [0, 1] }] }
  expect(rightOf(fromPytorch(one, { optimizer, params, names })).state.innerStates.train[0].count).toBe(3)
})
