import { chain, InvalidOption, InvalidState, InvalidTree, ndarray, step } from '@gradchain/core'
import { pytorch } from '@gradchain/frameworks'
import { adam, sgd } from '@gradchain/optimizers'
import { emaParams, freeze, partition, scaleByAdam, trace } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import type { PytorchGroup } from './algorithm.js'
import { toPytorch } from './toPytorch.js'

const params = { a: new Float32Array([1, 2]), b: { c: ndarray([3], [1]) } }
const grads = { a: new Float32Array([1, -2]), b: { c: ndarray([4], [1]) } }
const groups: readonly PytorchGroup[] = [{ names: ['b.c', 'a'], lr: 0.1, options: {} }]
const vector = (...values: number[]) => ndarray(values, [values.length])

test('params become a state of a model', () => {
  expect(toPytorch({ ...params, n: 0.5, layers: [{ w: new Float64Array(1) }] })).toStrictEqual({
    a: vector(1, 2),
    'b.c': ndarray([3], [1]),
    n: { dtype: 'float64', shape: [], data: Float64Array.of(0.5) },
    'layers.0.w': { dtype: 'float64', shape: [1], data: new Float64Array(1) }
  })
})

describe('the state of an optimizer', () => {
  test('is numbered in the order of the groups, and has what PyTorch wants of its hyperparameters', () => {
    const optimizer = emaParams(sgd(0.1, { momentum: 0.5 }), { decay: 0.9 })
    const [, state] = step(optimizer, grads, optimizer.init(params), params)
    const written = toPytorch(state, {
      optimizer,
      params,
      algorithm: 'SGD',
      groups: [{ names: ['b.c', 'a'], lr: 0.1, options: { momentum: 0.5 } }]
    })
    expect(written).toStrictEqual({
      state: { 0: { momentum_buffer: ndarray([4], [1]) }, 1: { momentum_buffer: vector(1, -2) } },
      param_groups: [
        {
          lr: 0.1,
          momentum: 0.5,
          dampening: 0,
          weight_decay: 0,
          nesterov: false,
          maximize: false,
          foreach: null,
          differentiable: false,
          fused: null,
          params: [0, 1]
        }
      ]
    })
  })

  test('is empty before the first step, but for Adagrad', () => {
    const optimizer = adam(0.1)
    expect(toPytorch(optimizer.init(params), { optimizer, params, algorithm: 'Adam', groups }).state).toStrictEqual({})
    const adagrad = pytorch.adagrad(0.1)
    const { state } = toPytorch(adagrad.init(params), { optimizer: adagrad, params, algorithm: 'Adagrad', groups })
    expect(state).toStrictEqual({
      0: { step: { dtype: 'float32', shape: [], data: Float32Array.of(0) }, sum: ndarray([0], [1]) },
      1: { step: { dtype: 'float32', shape: [], data: Float32Array.of(0) }, sum: vector(0, 0) }
    })
  })

  test('has nothing for params that are frozen', () => {
    const optimizer = partition({ train: adam(0.1), keep: freeze(true) }, { a: 'train', b: 'keep' })
    const [, state] = step(optimizer, grads, optimizer.init(params), params)
    const written = toPytorch(state, { optimizer, params, algorithm: 'Adam', groups })
    expect(Object.keys(Object(written.state))).toStrictEqual(['1'])
  })
})

describe('what does not fit', () => {
  const optimizer = adam(0.1)
  const [, state] = step(optimizer, grads, optimizer.init(params), params)
  const both = chain(trace(0.9), scaleByAdam(), scaleByAdam())
  const [, doubled] = step(both, grads, both.init(params), params)
  const groupOf = (change: object): readonly PytorchGroup[] => [{ ...(groups[0] as PytorchGroup), ...change }]

  test.each<[string, object, string]>([
    ['an algorithm that is none', { algorithm: 'LBFGS' }, 'toPytorch: algorithm must be'],
    ['groups that are none', { groups: {} }, 'toPytorch: groups must be a list, got an object'],
    [
      'a group without names',
      { groups: [{ lr: 0.1 }] },
      'toPytorch: groups[0].names must be a list of names, got undefined'
    ],
    [
      'a group without options',
      { groups: [{ names: [], lr: 0.1 }] },
      'toPytorch: groups[0].options must be an object, got undefined'
    ],
    [
      'a learning rate that is none',
      { groups: groupOf({ lr: '1' }) },
      'toPytorch: groups[0].lr must be a number, got "1"'
    ],
    [
      'an option that Adam has not',
      { groups: groupOf({ options: { rho: 1 } }) },
      'toPytorch: groups[0].options must be among betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay, got "rho"'
    ],
    [
      'a name that is none',
      { groups: groupOf({ names: ['d'] }) },
      'toPytorch: groups must be of names of params, got "d"'
    ],
    [
      'a name twice',
      { groups: groupOf({ names: ['a', 'a'] }) },
      'toPytorch: groups must have each name once, got "a" twice'
    ],
    [
      'a param that is left out',
      { groups: groupOf({ names: ['a'] }) },
      'toPytorch: groups must be with "b.c", for which the state has [0].mu'
    ],
    ['another step', { step: 4 }, 'toPytorch: step must be 1, which the state counts, got 4'],
    ['half a step', { step: 0.5 }, 'toPytorch: step must be']
  ])('%s is an InvalidOption', (_, change, sentence) => {
    const call = () => toPytorch(state, { optimizer, params, algorithm: 'Adam', groups, ...change } as never)
    expect(call).toThrow(InvalidOption)
    expect(call).toThrow(sentence)
  })

  test('steps that nobody counts must be said', () => {
    const rprop = pytorch.rprop(0.1)
    const [, signs] = step(rprop, grads, rprop.init(params), params)
    const options = { optimizer: rprop, params, algorithm: 'Rprop', groups } as const
    expect(() => toPytorch(signs, options)).toThrow(
      'toPytorch: step must be given, as the state does not count its steps'
    )
    expect(toPytorch(signs, { ...options, step: 1 }).state).toMatchObject({ 1: { prev: vector(1, -1) } })
  })

  test.each<[string, object, string]>([
    [
      'two places',
      { given: doubled, optimizer: both },
      'toPytorch: state must have one mu for "b.c", got [1].mu and [2].mu'
    ],
    [
      'a maximum that is not there',
      { groups: groupOf({ options: { amsgrad: true } }) },
      'toPytorch: state must have nuMax for "b.c", which Adam keeps as max_exp_avg_sq, got none'
    ],
    [
      'a moment that is not there',
      { algorithm: 'RMSprop' },
      'toPytorch: state must have no mu for "b.c", as centered of its group is not given, got one'
    ],
    [
      'another count',
      { given: [{ ...(state[0] as object) }, { count: 5 }], optimizer, algorithm: 'Adagrad' },
      'toPytorch: state must have one count, got 1 at [0] and 5 at [1]'
    ]
  ])('%s is an InvalidState', (_, { given = state, ...change }: { readonly given?: unknown }, sentence) => {
    const call = () => toPytorch(given as never, { optimizer, params, algorithm: 'Adam', groups, ...change } as never)
    expect(call).toThrow(InvalidState)
    expect(call).toThrow(sentence)
  })

  test('params with a text are an InvalidTree', () => {
    expect(() => toPytorch({ w: 'x' } as never)).toThrow(InvalidTree)
    expect(() => toPytorch({ w: 'x' } as never)).toThrow('toPytorch: params.w must be an array or a number, got "x"')
  })
})
