import { InvalidOption, InvalidTree, step } from '@gradchain/core'
import { onArrays } from '@gradchain/core/engine'
import { adafactor, adam, adamw, lion, sgd } from '@gradchain/optimizers'
import { chain, clipByGlobalNorm } from 'gradchain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tensors } from './internal/library.js'
import { onBackend, tf } from './testing.js'
import { tfjs } from './tfjs.js'

const kernel = Float32Array.from({ length: 6 }, (_, i) => Math.fround(i / 4 - 0.5))
const gradsOf = (t: number) => ({
  kernel: { dtype: 'float32', shape: [2, 3], data: kernel.map((x, i) => x * (t + 1) + i) } as const,
  bias: { dtype: 'float32', shape: [2], data: Float32Array.of(0.5 - t, 2) } as const
})
const start = { ...gradsOf(0), bias: { dtype: 'float32', shape: [2], data: Float32Array.of(1, -1) } as const }

const tensorsOf = ({ kernel: k, bias }: ReturnType<typeof gradsOf>) => ({
  kernel: tf.tensor(k.data.slice(), [2, 3]),
  bias: tf.tensor(bias.data.slice(), [2])
})

// The optimizers are of many types.
const stepArrays = step as unknown as (
  ...given: readonly unknown[]
) => readonly [params: ReturnType<typeof gradsOf>, state: unknown]

const optimizers = {
  sgd: () => sgd(0.1, { momentum: 0.9, nesterov: true }),
  adam: () => adam(0.1),
  clipped: () =>
    chain(
      clipByGlobalNorm(1),
      adamw((t) => 0.1 / (1 + t), { weightDecay: 0.01 })
    ),
  lion: () => lion(0.01),
  adafactor: () => adafactor(0.1, { minDimSizeToFactor: 2 })
}

describe.each(['cpu', 'wasm'] as const)('%s', (backend) => {
  beforeAll(() => onBackend(backend))

  test.each(Object.entries(optimizers))('%s has the bits that it has on arrays, and leaks nothing', (_, make) => {
    const optimizer = make()
    const { init, step: stepTensors } = tfjs(optimizer)
    let [params, state]: readonly [typeof start, unknown] = [start, optimizer.init(start)]
    let theirs = tensorsOf(start)
    let theirState = init(theirs)
    const before = tf.memory()
    for (let t = 0; t < 5; t++) {
      ;[params, state] = stepArrays(optimizer, gradsOf(t), state, params)
      const grads = tensorsOf(gradsOf(t))
      const [next, nextState] = stepTensors(grads, theirState, theirs)
      tf.dispose([grads, theirs])
      ;[theirs, theirState] = [next, nextState]
      expect(Array.from(next.kernel.dataSync())).toStrictEqual(Array.from(params.kernel.data))
      expect(next.kernel.shape).toStrictEqual([2, 3])
    }
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toStrictEqual([
      before.numTensors,
      before.numDataBuffers
    ])
    tf.dispose(theirs)
  })

  test('what is given is neither changed nor disposed', () => {
    const { init, update } = tfjs(adam(0.1))
    const [params, grads] = [tensorsOf(start), tensorsOf(gradsOf(1))]
    const [updates] = update(grads, init(params), params)
    expect(Array.from(params.bias.dataSync())).toStrictEqual([1, -1])
    expect(Array.from(grads.bias.dataSync())).toStrictEqual([-0.5, 2])
    // Nor what was read of them: on cpu tensors share the arrays that they are made of.
    tf.dispose(updates)
    tf.dispose([params, grads])
  })

  test('what does not belong there is refused by its place', () => {
    const { init, step: stepTensors } = tfjs(adam(0.1))
    const params = tensorsOf(start)
    const state = init(params)
    const freed = { ...tensorsOf(gradsOf(1)), bias: tf.tensor1d([1, 2]) }
    freed.bias.dispose()
    expect(() => stepTensors(freed, state, params)).toThrow(
      new InvalidTree('tfjs: grads.bias is a tf.Tensor that was disposed')
    )
    const whole = { ...params, bias: tf.tensor1d([1, 2], 'int32') }
    expect(() => init(whole)).toThrow(
      new InvalidTree('tfjs: params.bias is a tf.Tensor that has dtype int32, not float32')
    )
    expect(() => init({ ...params, bias: new Float32Array(2) } as never)).toThrow(
      new InvalidTree('tfjs: params.bias is a Float32Array; a leaf must be a tf.Tensor or a number')
    )
    expect(() => stepTensors({ ...params, bias: tf.tensor1d([1]) }, state, params)).toThrow(InvalidTree)
    expect(() => tfjs({} as never)).toThrow(InvalidOption)
  })
})

describe('each operation as one of TensorFlow.js, as on backends of devices', () => {
  beforeAll(() => onBackend('cpu'))
  afterAll(() => onBackend('cpu'))

  test.each(Object.entries(optimizers))('%s is what it is on arrays but for rounding, and leaks nothing', (_, make) => {
    const optimizer = make()
    const library = tensors()
    const { init, step: stepTensors } = onArrays(library, optimizer)
    let [params, state]: readonly [typeof start, unknown] = [start, optimizer.init(start)]
    let theirs = tensorsOf(start)
    let theirState = init(theirs)
    const before = tf.memory()
    for (let t = 0; t < 5; t++) {
      ;[params, state] = stepArrays(optimizer, gradsOf(t), state, params)
      const grads = tensorsOf(gradsOf(t))
      const [next, nextState] = stepTensors(grads, theirState, theirs)
      tf.dispose([grads, theirs, theirState as never])
      ;[theirs, theirState] = [next, nextState]
      const values = next.kernel.dataSync()
      for (const [i, expected] of params.kernel.data.entries()) {
        expect(Math.abs((values[i] as number) - expected)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(expected)))
      }
    }
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toStrictEqual([
      before.numTensors,
      before.numDataBuffers
    ])
    tf.dispose([theirs, theirState as never])
  })

  test('a dtype that tensors have not is refused', () => {
    const { init } = onArrays(tensors(), adam(0.1, { muDtype: 'bfloat16' }))
    expect(() => init(tensorsOf(start))).toThrow('tfjs: the arrays of TensorFlow.js are float32, and ')
  })
})
