import { InvalidState, InvalidTree, transformation } from '@gradchain/core'
import { adam, adamw, sgd } from '@gradchain/optimizers'
import { addNoise, chain, clipByGlobalNorm, ndarray, random, reduceOnPlateau, step } from 'gradchain'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { registerTfjsOptimizer, TfjsOptimizer, toTfjsOptimizer } from './optimizer.js'
import { onBackend, tf } from './testing.js'

const inputs = () => tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2])
const targets = () => tf.tensor2d([0, 1, 1, 0], [4, 1])

const network = (): tf.LayersModel => {
  const model = tf.sequential()
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 7 })
  model.add(tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [2], kernelInitializer }))
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer }))
  return model
}

const valuesOf = (model: tf.LayersModel): readonly number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()))

beforeAll(() => onBackend('cpu'))
beforeEach(() => tf.disposeVariables())

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(() => onBackend(backend))

  test('a LayersModel is trained, and nothing leaks', async () => {
    const model = network()
    model.compile({ optimizer: toTfjsOptimizer(adam(0.1)), loss: 'binaryCrossentropy' })
    const [x, y] = [inputs(), targets()]
    await model.fit(x, y, { epochs: 1, verbose: 0 })
    const before = tf.memory()
    const { history } = await model.fit(x, y, { epochs: 200, verbose: 0 })
    expect(history['loss']?.at(-1)).toBeLessThan(0.05)
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toStrictEqual([
      before.numTensors,
      before.numDataBuffers
    ])
    tf.dispose([x, y])
  })
})

test('a model is trained as its weights are on arrays, bit for bit', () => {
  const optimizer = chain(clipByGlobalNorm(0.5), adamw(0.05))
  const w = tf.variable(tf.tensor2d([1, -2, 3, 0.5], [2, 2]), true, 'w')
  const theirs = toTfjsOptimizer(optimizer)
  let params = { w: ndarray(Float32Array.of(1, -2, 3, 0.5), [2, 2]) }
  let state = optimizer.init(params)
  for (let t = 0; t < 10; t++) {
    const g = params.w.data.map((x) => Math.fround(2 * x))
    ;[params, state] = step(optimizer, { w: ndarray(g, [2, 2]) }, state, params)
    theirs.minimize(() => tf.sum(tf.square(w)) as tf.Scalar)
  }
  expect(Array.from(w.dataSync())).toStrictEqual(Array.from(params.w.data))
  expect(theirs.iterations).toBe(10)
  w.dispose()
})

test('moments go by name, in whatever order gradients come, and a variable without one rests', () => {
  const [a, b] = [tf.variable(tf.scalar(1), true, 'a'), tf.variable(tf.scalar(1), true, 'b')]
  const optimizer = toTfjsOptimizer(sgd(0.1, { momentum: 0.5 }))
  const [one, two] = [tf.scalar(1), tf.scalar(2)]
  optimizer.applyGradients({ a: one, b: two })
  optimizer.applyGradients([
    { name: 'b', tensor: two },
    { name: 'a', tensor: one }
  ])
  const after = [a.dataSync()[0], b.dataSync()[0]]
  expect(after[0]).toBeCloseTo(1 - 0.1 - 0.15, 6)
  expect(after[1]).toBeCloseTo(1 - 0.2 - 0.3, 6)
  optimizer.applyGradients({ b: two })
  expect(a.dataSync()[0]).toBe(after[0])
  tf.dispose([a, b, one, two])
})

test('a variable that comes later starts afresh, and the others go on', () => {
  const a = tf.variable(tf.scalar(1), true, 'first')
  const optimizer = toTfjsOptimizer(sgd(0.1, { momentum: 0.5 }))
  const one = tf.scalar(1)
  optimizer.applyGradients({ first: one })
  const b = tf.variable(tf.scalar(1), true, 'second')
  optimizer.applyGradients({ first: one, second: one })
  expect(a.dataSync()[0]).toBeCloseTo(1 - 0.1 - 0.15, 6)
  expect(b.dataSync()[0]).toBeCloseTo(0.9, 6)
  tf.dispose([a, b, one])
})

test('what needs the value of the loss is given it', () => {
  const w = tf.variable(tf.scalar(2), true, 'w')
  const seen: number[] = []
  const watching = transformation<object, { value: number }>({
    init: () => ({}),
    update: (updates, state, _, { value }) => {
      seen.push(value)
      return [updates, state]
    }
  })
  const optimizer = toTfjsOptimizer(chain(watching, reduceOnPlateau()))
  optimizer.minimize(() => tf.square(w) as tf.Scalar)
  expect(seen).toStrictEqual([4])
  w.dispose()
})

test('weights hold all of the state: a run goes on as if it had never stopped', async () => {
  const w = tf.variable(tf.tensor1d([1, -2]), true, 'w')
  const loss = () => tf.sum(tf.square(w)) as tf.Scalar
  const optimizer = toTfjsOptimizer(adam(0.1))
  for (let t = 0; t < 3; t++) optimizer.minimize(loss)
  const weights = await optimizer.getWeights()
  const saved = w.dataSync().slice()
  optimizer.minimize(loss)
  const expected = Array.from(w.dataSync())

  const other = toTfjsOptimizer(adam(0.1))
  await other.setWeights(weights)
  // Before it has met a variable it gives back what it was given.
  expect((await other.getWeights()).length).toBe(weights.length)
  w.assign(tf.tensor1d(saved))
  other.minimize(loss)
  expect(Array.from(w.dataSync())).toStrictEqual(expected)
  expect(other.iterations).toBe(4)

  const alien = toTfjsOptimizer(sgd(0.1))
  await alien.setWeights(weights)
  expect(() => alien.minimize(loss)).toThrow(InvalidState)
  w.dispose()
})

test('a model is saved with its optimizer, and goes on where it is loaded', async () => {
  const model = network()
  model.compile({ optimizer: toTfjsOptimizer(chain(clipByGlobalNorm(1), adamw(0.1))), loss: 'meanSquaredError' })
  const [x, y] = [inputs(), targets()]
  await model.fit(x, y, { epochs: 3, verbose: 0, shuffle: false })
  let artifacts: tf.io.ModelArtifacts | null = null
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
    { includeOptimizer: true }
  )
  await model.fit(x, y, { epochs: 2, verbose: 0, shuffle: false })
  registerTfjsOptimizer()
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts as unknown as tf.io.ModelArtifacts))
  expect(loaded.optimizer).toBeInstanceOf(TfjsOptimizer)
  await loaded.fit(x, y, { epochs: 2, verbose: 0, shuffle: false })
  expect(valuesOf(loaded)).toStrictEqual(valuesOf(model))
  tf.dispose([x, y])
})

test('a gradient for no variable is refused by its name, and those for variables are taken afterwards', () => {
  const one = tf.scalar(1)
  const w = tf.variable(tf.scalar(1), true, 'w')
  const optimizer = toTfjsOptimizer(sgd(0.5))
  expect(() => optimizer.applyGradients({ nobody: one })).toThrow(
    new InvalidTree('TfjsOptimizer: "nobody" has a gradient or a state, and there is no variable of that name')
  )
  optimizer.applyGradients({ w: one })
  expect(w.dataSync()[0]).toBe(0.5)
  tf.dispose([one, w])
})

const momentum = () => toTfjsOptimizer(sgd(0.5, { momentum: 0.5 }))

test('a variable that was disposed takes its part of the state with it, one that is made again with another shape starts afresh', () => {
  const [a, b] = [tf.variable(tf.scalar(1), true, 'a'), tf.variable(tf.scalar(1), true, 'b')]
  const optimizer = momentum()
  const [one, two] = [tf.scalar(1), tf.tensor1d([1, 1])]
  optimizer.applyGradients({ a: one, b: one })
  a.dispose()
  optimizer.applyGradients({ b: one })
  expect(b.dataSync()[0]).toBe(1 - 0.5 - 0.75)
  const again = tf.variable(tf.scalar(1), true, 'a')
  optimizer.applyGradients({ a: one })
  expect(again.dataSync()[0]).toBe(0.5)
  again.dispose()
  const wide = tf.variable(tf.tensor1d([1, 2]), true, 'a')
  optimizer.applyGradients({ a: two, b: one })
  expect(Array.from(wide.dataSync())).toStrictEqual([0.5, 1.5])
  expect(b.dataSync()[0]).toBe(1 - 0.5 - 0.75 - 0.875)
  tf.dispose([wide, b, one, two])
})

test('weights of an optimizer that has made no step hold no state, and make another one begin anew', async () => {
  const w = tf.variable(tf.scalar(1), true, 'w')
  const one = tf.scalar(1)
  const weights = await momentum().getWeights()
  const optimizer = momentum()
  await optimizer.setWeights(weights)
  optimizer.applyGradients({ w: one })
  expect(w.dataSync()[0]).toBe(0.5)
  await optimizer.setWeights(weights)
  expect(optimizer.iterations).toBe(0)
  optimizer.applyGradients({ w: one })
  expect(w.dataSync()[0]).toBe(0)
  tf.dispose([w, one])
})

test('weights that do not fit change nothing', async () => {
  const w = tf.variable(tf.scalar(1), true, 'w')
  const one = tf.scalar(1)
  const [optimizer, other] = [momentum(), toTfjsOptimizer(adam(0.1))]
  for (let t = 0; t < 2; t++) optimizer.applyGradients({ w: one })
  other.applyGradients({ w: one })
  await expect(other.setWeights(await optimizer.getWeights())).rejects.toThrow(
    /^TfjsOptimizer: the weights hold \d parts of a state, and the state for these variables has \d$/
  )
  expect(other.iterations).toBe(1)
  await expect(other.setWeights([])).rejects.toThrow(
    new InvalidState('TfjsOptimizer: the weights must begin with the count of iterations, got none')
  )
  tf.dispose([w, one])
})

test('keys of random numbers are among the weights', async () => {
  const w = tf.variable(tf.scalar(1), true, 'w')
  const one = tf.scalar(1)
  const noisy = () => toTfjsOptimizer(chain(addNoise({ eta: 0.1, gamma: 0.5, key: random.key(3) }), sgd(0.1)))
  const optimizer = noisy()
  optimizer.applyGradients({ w: one })
  const other = noisy()
  await other.setWeights(await optimizer.getWeights())
  const ends = [optimizer, other].map((each) => {
    w.assign(one)
    each.applyGradients({ w: one })
    return w.dataSync()[0]
  })
  expect(ends[1]).toBe(ends[0])
  expect(ends[0]).not.toBe(0.9)
  tf.dispose([w, one])
})

test('a description that is none, and weights that are none, are refused', async () => {
  expect(() => TfjsOptimizer.fromConfig(TfjsOptimizer as never, { description: 3 })).toThrow(
    'TfjsOptimizer: description must be a description of an optimizer, got 3'
  )
  const bad = [
    { name: 'iter', tensor: tf.scalar(1, 'int32') },
    { name: 'state.x', tensor: tf.tensor1d([9, 9, 9], 'int32') }
  ]
  await expect(toTfjsOptimizer(adam(0.1)).setWeights(bad)).rejects.toThrow(
    new InvalidState('TfjsOptimizer: the weight state.x is no part of a state, as getWeights gives them')
  )
})
