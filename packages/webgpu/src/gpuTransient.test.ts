import {
  type AnyGradientTransformation,
  chain,
  InvalidOption,
  InvalidState,
  InvalidTree,
  mul,
  ndarray,
  norm,
  opaque,
  read,
  step,
  transformation,
  transient,
  tree
} from '@gradchain/core'
import type { Expr } from '@gradchain/core/engine'
import { adamw, prodigy, sgd } from '@gradchain/optimizers'
import {
  applyIfFinite,
  clipByGlobalNorm,
  injectHyperparams,
  masked,
  multiSteps,
  scale,
  scaleByAdam
} from '@gradchain/transforms'
import { beforeAll, describe, expect, test } from 'vitest'
import { COPY_DST, COPY_SRC, STORAGE } from './device/usage.js'
import { gpuTransient } from './gpuTransient.js'
import { adapterOrNull, otherDevice, testDevice } from './testing.js'
import { DeviceArray } from './transient/deviceArray.js'

const params = () => ({ w: ndarray(Float32Array.of(1, -2, 3, 0.5, 2, -1), [2, 3]), b: Float32Array.of(0.5, -0.25, 2) })
const grads = (t: number) => ({
  w: ndarray(
    Float32Array.from({ length: 6 }, (_, i) => Math.sin(3 * t + i)),
    [2, 3]
  ),
  b: Float32Array.from({ length: 3 }, (_, i) => Math.cos(t + 2 * i))
})

let device: GPUDevice

beforeAll(async () => {
  if ((await adapterOrNull()) !== null) device = await testDevice()
})

/** Numbers within the rounding of float32 of one another; all else equal. */
const near = (actual: unknown, expected: unknown, tolerance = 2e-6): void => {
  const listed = (value: unknown): unknown =>
    ArrayBuffer.isView(value)
      ? Array.from(value as Float32Array, listed)
      : typeof value === 'number'
        ? expect.closeTo(value, -Math.log10(2 * tolerance * Math.max(1, Math.abs(value))))
        : value === null || typeof value !== 'object'
          ? value
          : Array.isArray(value)
            ? value.map(listed)
            : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, listed(child)]))
  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, x) => (ArrayBuffer.isView(x) ? Array.from(x as Float32Array) : x)))
  expect(plain(actual)).toMatchObject(listed(expected) as object)
}

type Step = (...given: readonly unknown[]) => readonly [unknown, unknown]

/** So many steps on the device are those of `step`. */
const follow = async (
  tx: AnyGradientTransformation,
  steps: number,
  options: object = {},
  start: unknown = params()
): Promise<void> => {
  const run = gpuTransient(tx, start as never, { device, ...options } as never)
  let p = start
  let s = tx.init(start)
  for (let t = 0; t < steps; t++) {
    const g = tree.map((leaf) => leaf, grads(t))
    ;(run.step as (grads: unknown) => void)(g)
    ;[p, s] = (step as unknown as Step)(tx, g, s, p)
  }
  const snapshot = await run.snapshot()
  near(snapshot.params, p)
  near(snapshot.state, s)
  expect(Object.keys(snapshot.state as object)).toStrictEqual(Object.keys(s as object))
  run.dispose()
}

/** A buffer that has no room for anything else. */
const tightBufferOf = (data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): GPUBuffer => {
  const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4)
  bytes.set(new Uint8Array(data.buffer))
  const buffer = device.createBuffer({ size: bytes.length, usage: STORAGE | COPY_DST | COPY_SRC })
  device.queue.writeBuffer(buffer, 0, bytes)
  return buffer
}

/** A buffer with elements in it. */
const bufferOf = (data: Float32Array<ArrayBuffer>, on = device, offset = 0): GPUBuffer => {
  const buffer = on.createBuffer({ size: offset + data.byteLength + 64, usage: STORAGE | COPY_DST | COPY_SRC })
  on.queue.writeBuffer(buffer, offset, data)
  return buffer
}

const halve = () => scale(-0.5)

describe('gpuTransient', () => {
  test.for([
    ['a chain with a norm', () => chain(clipByGlobalNorm(0.5), adamw(0.1))],
    ['numbers that come out of arrays', () => prodigy(1)],
    [
      'a mask that looks at shapes',
      () => masked(adamw(0.1), (p) => tree.map((leaf) => typeof leaf === 'object' && 'shape' in leaf, p as never))
    ],
    ['accumulation', () => multiSteps(adamw(0.1), 2)],
    [
      'injected hyperparameters',
      () => injectHyperparams(({ learningRate }) => sgd(learningRate), { learningRate: (t: number) => 0.1 / (1 + t) })
    ]
  ] as const)('%s: the steps of `step`', async ([, make], context) => {
    await testDevice(context)
    await follow(make() as AnyGradientTransformation, 6)
  })

  test('float16 and bfloat16 stay what they are', async (context) => {
    await testDevice(context)
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const run = gpuTransient(halve(), { w: ndarray([1, 2, 3], [3], dtype) }, { device })
      run.step({ w: ndarray([1, 1, -4], [3], dtype) })
      expect((await run.snapshot()).params).toStrictEqual({ w: ndarray([0.5, 1.5, 5], [3], dtype) })
      run.dispose()
    }
  })

  test.each([false, true])('what a step was given stays until it is written over, read back: %s', async (isRead) => {
    await testDevice()
    const halve = transformation<{ seen: number }>({
      init: () => ({ seen: 0 }),
      update: (updates, { seen }) => {
        const by = isRead ? -read(norm((updates as { inner: readonly Expr[] }).inner[1] as Expr)) : -0.5
        return [tree.map((g) => mul(g as Expr, by), updates) as never, { seen: seen + 1 }]
      }
    }) as AnyGradientTransformation
    const start = () => ({ w: Float32Array.of(1, 2), inner: [3, Float32Array.of(4)], rate: 5 })
    const given = { w: Float32Array.of(2, 4), inner: [6, Float32Array.of(1)], rate: -1 }
    const run = gpuTransient(halve, start(), { device, allowReadback: isRead })
    const own = transient(halve, start())
    for (const { step } of [run, own] as unknown as { step: (grads?: unknown) => void }[]) {
      step(given)
      step()
      step({ w: null, inner: [null, Float32Array.of(3)], rate: 2 })
      step()
    }
    for (const grads of [run.grads, own.grads] as { rate: number }[]) grads.rate = 7
    for (const { step } of [run, own]) step()
    near((await run.snapshot()).params, own.snapshot().params)
    run.dispose()
  })

  test('numbers among the params stay on the host', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(1), rate: 3 }, { device })
    run.step({ w: Float32Array.of(2), rate: 1 })
    run.grads.rate = 4
    run.step()
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(-1), rate: 0.5 })
    ;(run.grads as { rate: unknown }).rate = 'much'
    expect(() => run.step()).toThrow('step: grads.rate must be a number')
    run.dispose()
  })

  test('gradients may be buffers, whole or in part, and what a kernel wrote', async (context) => {
    await testDevice(context)
    const start = { w: Float32Array.of(1, 2, 3), b: Float32Array.of(4) }
    const run = gpuTransient(halve(), start, { device })
    const [w, b] = [bufferOf(Float32Array.of(2, 2, 2)), bufferOf(Float32Array.of(4), device, 12)]
    run.step({ w, b: { buffer: b, offset: 12 } })
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(0, 1, 2), b: Float32Array.of(2) })
    expect(run.grads.w).toBeInstanceOf(DeviceArray)
    expect([run.grads.w.shape, run.grads.w.dtype, run.grads.w.offset % 256]).toStrictEqual([[3], 'float32', 0])
    device.queue.writeBuffer(run.grads.w.buffer as GPUBuffer, run.grads.w.offset, Float32Array.of(0, 2, 4))
    device.queue.writeBuffer(run.grads.b.buffer as GPUBuffer, run.grads.b.offset, Float32Array.of(-2))
    run.step()
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(0, 0, 0), b: Float32Array.of(3) })
    run.step(run.params)
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(0, 0, 0), b: Float32Array.of(1.5) })
    run.dispose()
  })

  test('buffers that end where their elements do are read to the end', async (context) => {
    await testDevice(context)
    for (const n of [1, 2, 3, 4, 5, 7, 9]) {
      const given = Float32Array.from({ length: n }, (_, i) => 2 * i + 2)
      const expected = given.map((x) => -0.5 * x)
      const run = gpuTransient(halve(), { w: new Float32Array(n) }, { device })
      run.step({ w: tightBufferOf(given) })
      expect((await run.snapshot()).params.w).toStrictEqual(expected)
      run.dispose()
      const norm = gpuTransient(clipByGlobalNorm(1e9), { w: new Float32Array(n) }, { device })
      norm.step({ w: tightBufferOf(given) })
      expect((await norm.snapshot()).params.w).toStrictEqual(given)
      norm.dispose()
      const half = ndarray(new Array<number>(n).fill(0), [n], 'float16')
      const narrow = gpuTransient(halve(), { w: half }, { device })
      narrow.step({ w: tightBufferOf(ndarray([...given], [n], 'float16').data as Uint16Array<ArrayBuffer>) })
      expect((await narrow.snapshot()).params.w).toStrictEqual(ndarray([...expected], [n], 'float16'))
      narrow.dispose()
    }
  })

  test('a param may be called buffer, and what lies in another run is known by its form', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { buffer: Float32Array.of(1), offset: Float32Array.of(1) }, { device })
    run.step({ buffer: bufferOf(Float32Array.of(2)), offset: bufferOf(Float32Array.of(4)) })
    run.step(run.params)
    expect((await run.snapshot()).params).toStrictEqual({ buffer: Float32Array.of(0), offset: Float32Array.of(-0.5) })
    const other = gpuTransient(
      halve(),
      { buffer: ndarray([1], [1], 'float16'), offset: Float32Array.of(1, 2) },
      { device }
    )
    const taken =
      (given: unknown): (() => void) =>
      () =>
        run.step(given as never)
    expect(taken(other.params)).toThrow(
      new InvalidTree('step: grads.buffer must be an array of float32 [1], got one of float16 [1]')
    )
    expect(taken({ ...other.params, buffer: null })).toThrow(
      'step: grads.offset must be an array of float32 [1], got one of float32 [2]'
    )
    for (const one of [run, other]) one.dispose()
  })

  test('new buffers in every step are taken, too', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(0) }, { device })
    for (let t = 1; t <= 10; t++) run.step({ w: bufferOf(Float32Array.of(2 * t)) })
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(-55) })
    run.dispose()
  })

  test('a buffer is read before what comes after the step is written to it', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(1) }, { device })
    const w = bufferOf(Float32Array.of(2))
    for (let t = 1; t <= 3; t++) {
      run.step({ w })
      device.queue.writeBuffer(w, 0, Float32Array.of(2 + t))
    }
    w.destroy()
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(1 - 1 - 1.5 - 2) })
    run.dispose()
  })

  test('where a gradient is null the param rests', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(1), b: Float32Array.of(2) }, { device })
    run.step({ w: Float32Array.of(2), b: null })
    run.step({ w: null, b: bufferOf(Float32Array.of(2)) })
    expect((await run.snapshot()).params).toStrictEqual({ w: Float32Array.of(0), b: Float32Array.of(1) })
    run.dispose()
  })

  test('going on from the state of a snapshot is going on', async (context) => {
    await testDevice(context)
    const tx = adamw(0.1)
    const run = gpuTransient(tx, params(), { device })
    for (let t = 0; t < 3; t++) run.step(grads(t))
    const { params: p, state } = await run.snapshot()
    const other = gpuTransient(tx, p, { device, state })
    const third = gpuTransient(tx, p, { device })
    third.setState(state)
    for (const one of [run, other, third]) one.step(grads(3))
    const expected = await run.snapshot()
    expect(await other.snapshot()).toStrictEqual(expected)
    expect(await third.snapshot()).toStrictEqual(expected)
    expect(() => run.setState([] as never)).toThrow(InvalidState)
    for (const one of [run, other, third]) one.dispose()
  })

  test('steps take no new memory, and two runs on one device do not meet', async (context) => {
    await testDevice(context)
    let made = 0
    const counting = new Proxy(device, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target)
        if (key === 'createBuffer') made += 1
        return typeof value === 'function' ? value.bind(target) : value
      }
    })
    const tx = chain(clipByGlobalNorm(1), scaleByAdam(), scale(-0.01))
    const [run, other] = [
      gpuTransient(tx, params(), { device: counting }),
      gpuTransient(tx, params(), { device: counting })
    ]
    for (const one of [run, other]) for (let t = 0; t < 3; t++) one.step(grads(t))
    const before = made
    for (let t = 3; t < 1000; t++) run.step(grads(t))
    expect(made).toBe(before)
    for (let t = 3; t < 5; t++) other.step(grads(t))
    expect((await run.snapshot()).state[1].count).toBe(1000)
    expect((await other.snapshot()).state[1].count).toBe(5)
    expect(run.bytes).toBe(256 * 8)
    for (const one of [run, other]) one.dispose()
  })

  test('what the host wants is refused with its place, or read back', async (context) => {
    await testDevice(context)
    const reversing = transformation({
      init: () => ({}),
      update: (updates, state) => [
        tree.map((g) => opaque(({ data }) => data.slice().reverse(), [g as Expr], { like: g as Expr }), updates),
        state
      ]
    })
    const guarded = applyIfFinite(adamw(0.1), 3)
    expect(() => gpuTransient(chain(halve(), guarded), params(), { device })).toThrow(
      new InvalidOption(
        'gpuTransient: optimizer must be computable on the device, and chain[1] › applyIfFinite reads a number; allowReadback: true has it read back'
      )
    )
    expect(() => gpuTransient(reversing, params(), { device })).toThrow('calls a function on arrays')
    await follow(guarded, 4, { allowReadback: true })
    await follow(chain(scale(2), reversing, scale(-0.1)), 4, { allowReadback: true })
  })

  test('steps that read back take what was given when they were asked for', async (context) => {
    await testDevice(context)
    const looking = transformation<{ total: number }>({
      init: () => ({ total: 0 }),
      update: (updates, { total }) => {
        const sum = read(tree.sum(updates))
        return [tree.map((g) => mul(g, sum > 2 ? -1 : -0.5), updates), { total: total + sum }]
      }
    })
    const run = gpuTransient(looking, { w: Float32Array.of(1) }, { device, allowReadback: true })
    expect(run.readsBack).toBe(true)
    const [given, buffer] = [Float32Array.of(2), bufferOf(Float32Array.of(4))]
    run.step({ w: given })
    given[0] = 100
    run.step({ w: buffer })
    device.queue.writeBuffer(buffer, 0, Float32Array.of(100))
    device.queue.writeBuffer(run.grads.w.buffer as GPUBuffer, run.grads.w.offset, Float32Array.of(3))
    run.step()
    await run.ready()
    expect(await run.snapshot()).toStrictEqual({ params: { w: Float32Array.of(1 - 1 - 4 - 3) }, state: { total: 9 } })
    const unread = device.createBuffer({ size: 16, usage: STORAGE })
    expect(() => run.step({ w: unread })).toThrow(
      new InvalidTree('step: grads.w must be a buffer of the usage COPY_SRC, as these steps are made later')
    )
    run.setState({ total: 1 })
    run.step({ w: Float32Array.of(0) })
    expect((await run.snapshot()).state).toStrictEqual({ total: 1 })
    run.dispose()
  })

  test('what does not fit is refused, and leaves everything as it was', async (context) => {
    await testDevice(context)
    const start = { w: Float32Array.of(1, 2) }
    const run = gpuTransient(scaleByAdam(), start, { device })
    const short = device.createBuffer({ size: 4, usage: STORAGE | COPY_DST })
    const odd = device.createBuffer({ size: 64, usage: COPY_DST })
    const mapped = device.createBuffer({ size: 64, usage: STORAGE, mappedAtCreation: true })
    const uneven = device.createBuffer({ size: 10, usage: STORAGE })
    const refused =
      (given: unknown): (() => void) =>
      () =>
        (run.step as (grads: unknown) => void)(given)
    expect(refused({ w: Float32Array.of(1) })).toThrow(InvalidTree)
    expect(refused({ w: short })).toThrow('step: grads.w must have 8 bytes from 0 on, and its buffer has 4 in all')
    expect(refused({ w: odd })).toThrow('step: grads.w must be a buffer of the usage STORAGE')
    expect(refused({ w: mapped })).toThrow('step: grads.w must be a buffer that is not mapped')
    expect(refused({ w: uneven })).toThrow('step: grads.w must be a buffer of whole words of 4 bytes, and has 10 bytes')
    expect(refused({ w: { buffer: short, offset: 2 } })).toThrow(
      'step: grads.w must begin at a multiple of 4 bytes, got the offset 2'
    )
    expect(refused({ w: [short] })).toThrow('step: grads.w is [a GPUBuffer], params has a Float32Array')
    const { state } = await run.snapshot()
    expect(state.count).toBe(0)
    run.dispose()
  })

  test('a device has no float64, and limits, which are told before anything is taken', async (context) => {
    await testDevice(context)
    let made = 0
    let largest = 0
    const small = new Proxy(device, {
      get: (target, key) => {
        if (key === 'limits') return { ...limitsOf(device), maxBufferSize: 1024 }
        const value: unknown = Reflect.get(target, key, target)
        if (key === 'createBuffer') {
          made += 1
          return (descriptor: GPUBufferDescriptor) => {
            largest = Math.max(largest, descriptor.size)
            return target.createBuffer(descriptor)
          }
        }
        return typeof value === 'function' ? value.bind(target) : value
      }
    })
    expect(() => gpuTransient(halve(), { a: [Float32Array.of(1), Float64Array.of(1)] }, { device: small })).toThrow(
      'gpuTransient: params.a[1] must be of float32, float16 or bfloat16, which devices have, got float64'
    )
    expect(() => gpuTransient(halve(), { w: new Float32Array(257) }, { device: small })).toThrow(
      'gpuTransient: params.w must fit one buffer of the device, of 1024 bytes, and takes 1280'
    )
    expect(made).toBe(0)
    const many = { a: new Float32Array(200).fill(1), b: new Float32Array(200).fill(1), c: new Float32Array(3).fill(1) }
    const run = gpuTransient(halve(), many, { device: small })
    run.step(many)
    expect((await run.snapshot()).params.b).toStrictEqual(new Float32Array(200).fill(0.5))
    expect(run.params.a.buffer).not.toBe(run.params.b.buffer)
    expect(largest).toBeLessThanOrEqual(1024)
    run.dispose()
  })

  test('arrays larger than what may be bound are trained all the same, behind a norm of all', async () => {
    const bound = new Proxy(device, {
      get: (target, key) => {
        if (key === 'limits') return { ...limitsOf(device), maxStorageBufferBindingSize: 65_536 }
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      }
    })
    const large = (t: number) => ({
      w: Float32Array.from({ length: 30_001 }, (_, i) => Math.sin(i + t)),
      b: Float32Array.of(1, t)
    })
    const tx = chain(clipByGlobalNorm(1), adamw(0.1))
    const run = gpuTransient(tx, large(0), { device: bound })
    let [params, state] = [large(0), tx.init(large(0))]
    for (let t = 1; t <= 3; t++) {
      run.step(large(t))
      ;[params, state] = step(tx, large(t), state, params)
    }
    const { params: own } = await run.snapshot()
    // Sums of float32 in another precision, and three steps of 0.1.
    const distances = own.w.map((x, i) => Math.abs(x - (params.w[i] as number)))
    expect(Math.max(...distances)).toBeLessThan(1e-5)
    run.dispose()
  })

  test('a buffer of another device, and a destroyed one, are told afterwards', async (context) => {
    await testDevice(context)
    const other = await otherDevice()
    const destroyed = bufferOf(Float32Array.of(1))
    destroyed.destroy()
    for (const w of [bufferOf(Float32Array.of(1), other), destroyed]) {
      const run = gpuTransient(halve(), { w: Float32Array.of(1) }, { device })
      run.step({ w: Float32Array.of(2) })
      const { params: last } = await run.snapshot()
      run.step({ w })
      const sentence = 'step: grads.w must be a buffer of this device that was not destroyed'
      await expect(run.ready()).rejects.toThrow(sentence)
      expect(() => run.step({ w: Float32Array.of(2) })).toThrow(sentence)
      await expect(run.snapshot()).rejects.toThrow(InvalidTree)
      expect(run.last?.params).toBe(last)
      run.dispose()
    }
    other.destroy()
  })

  test('a buffer that is destroyed after it was taken once is found when it is given again', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(1) }, { device })
    const w = bufferOf(Float32Array.of(1))
    run.step({ w })
    await run.ready()
    w.destroy()
    run.step({ w })
    await expect(run.ready()).rejects.toThrow('step: grads.w must be a buffer of this device that was not destroyed')
    run.dispose()
  })

  test('when the device is lost the last snapshot is left', async (context) => {
    await testDevice(context)
    const other = await otherDevice()
    const run = gpuTransient(halve(), { w: Float32Array.of(1) }, { device: other })
    expect(run.last).toBe(null)
    run.step({ w: Float32Array.of(2) })
    await run.snapshot()
    const under = expect(run.snapshot()).rejects.toThrow('step: the device was lost (')
    other.destroy()
    await under
    await other.lost
    expect(() => run.step({ w: Float32Array.of(2) })).toThrow('step: the device was lost (')
    await expect(run.snapshot()).rejects.toThrow(InvalidState)
    expect(run.last?.params).toStrictEqual({ w: Float32Array.of(0) })
    run.dispose()
  })

  test('dispose gives back all that steps have taken', async (context) => {
    await testDevice(context)
    const held = new Set<GPUBuffer>()
    const counting = new Proxy(device, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target)
        if (key !== 'createBuffer') return typeof value === 'function' ? value.bind(target) : value
        return (descriptor: GPUBufferDescriptor) => {
          const made = target.createBuffer(descriptor)
          held.add(made)
          const destroy = made.destroy.bind(made)
          const counted = (): undefined => {
            held.delete(made)
            return destroy()
          }
          return Object.defineProperty(made, 'destroy', { value: counted })
        }
      }
    })
    const looking = applyIfFinite(adamw(0.1), 3)
    for (const [tx, allowReadback] of [
      [chain(clipByGlobalNorm(1), adamw(0.1)), false],
      [looking, true]
    ] as const) {
      const run = gpuTransient(tx as AnyGradientTransformation, params(), { device: counting, allowReadback })
      const short = { ...params(), b: { buffer: bufferOf(Float32Array.of(1)), offset: 1e6 } }
      for (let t = 0; t < 2; t++) (run.step as (grads: unknown) => void)(grads(t))
      expect(() => (run.step as (grads: unknown) => void)(short)).toThrow(InvalidTree)
      await run.snapshot()
      run.dispose()
      await run.ready()
      await Promise.resolve()
      expect(held.size).toBe(0)
    }
  })

  test('after dispose there is nothing but the last snapshot', async (context) => {
    await testDevice(context)
    const run = gpuTransient(halve(), { w: Float32Array.of(1) }, { device })
    await run.snapshot()
    run.dispose()
    run.dispose()
    expect(() => run.step()).toThrow(new InvalidState('step: this run was disposed'))
    expect(() => run.params).toThrow('params: this run was disposed')
    expect(run.last?.params).toStrictEqual({ w: Float32Array.of(1) })
    const { dispose } = Symbol as { readonly dispose?: symbol }
    if (dispose !== undefined) expect((run as never)[dispose]).toBe(run.dispose)
  })

  test('refuses what is no device and options that there are not', () => {
    expect(() => gpuTransient(halve(), { w: 1 }, {} as never)).toThrow(
      'gpuTransient: device must be a GPUDevice, got undefined'
    )
    expect(() => gpuTransient(halve(), { w: 1 }, { device, allowReadback: 1 } as never)).toThrow(InvalidOption)
    expect(() => gpuTransient(halve(), { w: 1 }, { device, threads: 1 } as never)).toThrow('there is no option threads')
  })
})

const limitsOf = ({ limits }: GPUDevice): Record<string, number> => ({
  maxBufferSize: limits.maxBufferSize,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
  minStorageBufferOffsetAlignment: limits.minStorageBufferOffsetAlignment
})
