import { ndarray } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { dice, mutated } from '../../internal/mutateTesting.js'
import { fixture, rightOf, sentenceOf } from '../fixtureTesting.js'
import { decodeTfjsModel } from './decodeTfjsModel.js'

const files = { 'model.json': fixture('tfjs/model.json'), 'weights.bin': fixture('tfjs/weights.bin') }
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

test('what TensorFlow.js wrote: weights by their names, the optimizer in its order', () => {
  const { weights, optimizer, optimizerConfig } = rightOf(decodeTfjsModel(files))
  expect(weights).toMatchObject({
    body: { kernel: { shape: [3, 4] }, bias: { shape: [4] } },
    head: { kernel: { shape: [4, 2] } }
  })
  expect(optimizer.map(({ name }) => name).slice(0, 3)).toStrictEqual(['iter', 'body/kernel/m', 'body/bias/m'])
  expect(optimizer[0]?.tensor).toStrictEqual({ dtype: 'int32', shape: [], data: Int32Array.of(3) })
  expect(optimizerConfig).toStrictEqual({
    className: 'Adam',
    config: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
  })
  expect(decodeTfjsModel(new Map(Object.entries(files)))).toStrictEqual(decodeTfjsModel(files))
})

const weight = (fields: object = {}): object => ({ name: 'w', shape: [2], dtype: 'float32', ...fields })
const model = (...weights: readonly unknown[]): object => ({
  weightsManifest: [{ paths: ['a.bin', './b.bin'], weights }]
})
const read = (json: unknown, a = 4, b = 4) =>
  decodeTfjsModel({ 'model.json': bytesOf(json), 'a.bin': new Uint8Array(a), 'b.bin': new Uint8Array(b) })

test('weights go on in the next file of their group; without training there is no optimizer', () => {
  expect(rightOf(read(model(weight())))).toStrictEqual({
    weights: { w: ndarray(new Float32Array(2), [2]) },
    optimizer: [],
    optimizerConfig: null
  })
  const bools = rightOf(read(model(weight({ dtype: 'bool', shape: [4, 2] }))))
  expect(bools.weights).toStrictEqual({ w: { dtype: 'bool', shape: [4, 2], data: new Uint8Array(8) } })
})

describe('bad models', () => {
  test.each<[string, unknown, string]>([
    ['no object', [], 'model.json must be an object in JSON'],
    ['no weights', {}, 'model.json must be with weightsManifest, a list, got undefined'],
    [
      'a group without paths',
      { weightsManifest: [{ weights: [] }] },
      'model.json must be of groups of paths and weights'
    ],
    [
      'a path to nowhere',
      { weightsManifest: [{ paths: ['../c'], weights: [] }] },
      '../c must be among the files, got none of that name'
    ],
    ['no name', model({}), 'model.json must be of weights with names'],
    ['a dtype of Object', model(weight({ dtype: 'toString' })), 'w must be of float32, int32 or bool, got "toString"'],
    ['complex numbers', model(weight({ dtype: 'complex64' })), 'w must be of float32, int32 or bool, got "complex64"'],
    ['texts', model(weight({ dtype: 'string' })), 'w must be of float32, int32 or bool, got "string"'],
    ['quantized weights', model(weight({ quantization: {} })), 'w must be a weight that is not quantized'],
    ['a negative length', model(weight({ shape: [-2] })), 'w must be of a shape, got [-2]'],
    [
      'an absurd size',
      model(weight({ shape: [2 ** 40, 2 ** 40] })),
      'w must be a number of bytes of the files, got 8 that are left'
    ],
    ['more than there is', model(weight({ shape: [3] })), 'w must be 12 bytes of the files, got 8 that are left'],
    [
      'less than there is',
      model(weight({ shape: [1] })),
      'a.bin, ./b.bin must be 4 bytes long, as the weights are, got 8'
    ],
    ['a name twice', model(weight({ shape: [1] }), weight({ shape: [1] })), 'model.json must be without a key twice'],
    ['__proto__', model(weight({ name: '__proto__/polluted' })), 'model.json must be without a key __proto__, got one'],
    [
      'another group',
      model(weight({ group: 'other' })),
      'w must be a weight of the model or of the optimizer, got "other"'
    ]
  ])('%s', (_, json, sentence) => {
    expect(sentenceOf(read(json))).toContain(`decodeTfjsModel: ${sentence}`)
  })

  test('no beginning of the weights is read, and what is damaged is read or refused', () => {
    const bytes = files['weights.bin']
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeTfjsModel({ ...files, 'weights.bin': bytes.slice(0, length) })._tag).toBe('Left')
    }
    const roll = dice(6)
    for (let run = 0; run < 500; run++) {
      expect(decodeTfjsModel({ ...files, 'model.json': mutated(files['model.json'], roll) })._tag).toMatch(/Left|Right/)
    }
  })
})
