// Runs that began in Optax, Keras and TensorFlow.js go on here, and runs of ours there: the params after three more steps are theirs.
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import {
  type Flat,
  flatOf,
  KERAS,
  KERAS_SHAPES,
  nestedOf,
  OPTAX,
  OPTAX_SHAPES,
  stepped,
  TFJS
} from '../../../fixtures/foreignRuns.js'
import { kerasOurs, optaxOurs, runsOf, tfjsOurs } from '../../../fixtures/ours.js'
import { decodeFlaxMsgpack, decodeTfjsModel, fromKeras, fromOptax, fromTfjs, toOptax } from '../../index.js'
import { decodeKerasWeights } from '../../keras/index.js'
import { fixture, fixtureJson, rightOf } from '../fixtureTesting.js'

const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

/** The largest difference of params that are below 4, in units of float32's spacing there, 2⁻²². */
const difference = (a: Flat, b: Flat): number =>
  Math.max(
    ...Object.entries(a).flatMap(([name, values]) =>
      values.map((x, i) => Math.abs(x - (b[name]?.[i] ?? Number.NaN)) * 2 ** 22)
    )
  )

// Six steps of float32, some of them in another order of operations.
const NEAR = 8

describe('Optax', () => {
  const { grads, cases } = runsOf('optax')
  const later = grads.slice(3).map((flat) => nestedOf(OPTAX_SHAPES, flat))

  test.each(Object.entries(OPTAX))('%s goes on here, and back is the same file', (name, make) => {
    const { state: saved, params: flat, after } = cases[name] as (typeof cases)[string]
    const optimizer = make()
    const params = nestedOf(OPTAX_SHAPES, flat)
    const tree = rightOf(decodeFlaxMsgpack(base64(saved)))
    const step = /^(sgd|rmsprop|adadelta|adagrad|lars)/.test(name) && name !== 'sgd/nesterov' ? 3 : undefined
    const state = rightOf(fromOptax(tree, { optimizer, params: params as never, step }))
    expect(toOptax(state as never, { optimizer, params: params as never, like: tree })).toStrictEqual(tree)
    expect(difference(flatOf(stepped(optimizer, params, state, later)[0]), after)).toBeLessThan(NEAR)
  })

  test('what we write is what Optax went on from, and it got where we get', () => {
    const ours = fixtureJson<ReturnType<typeof optaxOurs>>('optax/ours.json')
    expect(optaxOurs()).toStrictEqual(ours)
    const { cases: back } = fixtureJson<{ cases: Record<string, { after: Flat }> }>('optax/back.json')
    for (const [name, make] of Object.entries(OPTAX)) {
      const optimizer = make()
      const start = nestedOf(OPTAX_SHAPES, runsOf('optax').start ?? {})
      const all = grads.map((flat) => nestedOf(OPTAX_SHAPES, flat))
      const [params] = stepped(optimizer, start, optimizer.init(start as never), all)
      expect([name, difference(back[name]?.after ?? {}, flatOf(params)) < NEAR]).toStrictEqual([name, true])
    }
  })
})

describe('Keras', () => {
  const { grads, cases } = runsOf('keras')
  const files = unzipSync(fixture('keras/resume.zip'))
  const later = grads.slice(3).map((flat) => nestedOf(KERAS_SHAPES, flat))
  const names = Object.keys(KERAS_SHAPES)

  test.each(Object.entries(KERAS))('%s goes on here', async (name, [algorithm, , make]) => {
    const { params: flat, after } = cases[name] as (typeof cases)[string]
    const optimizer = make()
    const params = nestedOf(KERAS_SHAPES, flat)
    const { optimizer: saved } = rightOf(await decodeKerasWeights(files[`${name}.weights.h5`] as Uint8Array))
    const state = rightOf(fromKeras(saved?.vars ?? [], { optimizer, params: params as never, names, algorithm }))
    expect(difference(flatOf(stepped(optimizer, params, state, later)[0]), after)).toBeLessThan(NEAR)
  })

  test('what we write is what Keras went on from, and it got where we get', () => {
    expect(kerasOurs()).toStrictEqual(fixtureJson('keras/ours.json'))
    const { cases: back } = fixtureJson<{ cases: Record<string, { after: Flat }> }>('keras/back.json')
    for (const [name, { after }] of Object.entries(cases)) {
      expect([name, difference(back[name]?.after ?? {}, after) < NEAR]).toStrictEqual([name, true])
    }
  })
})

describe('TensorFlow.js', () => {
  const { grads, cases } = runsOf('tfjs')
  const later = grads.slice(3).map((flat) => nestedOf(KERAS_SHAPES, flat))
  const names = Object.keys(KERAS_SHAPES)
  const modelOf = (name: string) => {
    const { model, weights } = cases[name] as unknown as { model: object; weights: string }
    const json = new TextEncoder().encode(JSON.stringify(model))
    return rightOf(decodeTfjsModel({ 'model.json': json, 'weights.bin': base64(weights) }))
  }

  test.each(Object.entries(TFJS))('%s goes on here', (name, [algorithm, make]) => {
    const { params: flat, after } = cases[name] as (typeof cases)[string]
    const optimizer = make()
    const params = nestedOf(KERAS_SHAPES, flat)
    const { weights, optimizer: variables, optimizerConfig } = modelOf(name)
    expect(weights).toStrictEqual(params)
    expect(optimizerConfig?.className).toBe(algorithm)
    const state = rightOf(fromTfjs(variables, { optimizer, params: params as never, names, algorithm }))
    expect(difference(flatOf(stepped(optimizer, params, state, later)[0]), after)).toBeLessThan(NEAR)
  })

  test('what we write is what TensorFlow.js went on from, and it got where we get', () => {
    expect(tfjsOurs()).toStrictEqual(fixtureJson('tfjs/ours.json'))
    const { cases: back } = fixtureJson<{ cases: Record<string, { after: Flat }> }>('tfjs/back.json')
    for (const name of Object.keys(TFJS)) {
      expect([name, difference(back[name]?.after ?? {}, cases[name]?.after ?? {}) < NEAR]).toStrictEqual([name, true])
    }
  })
})
