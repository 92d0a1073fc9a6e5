/**
 * What a step costs on WebGPU, on one adapter, turn by turn: AdamW of ours, Adam as jax-js jits it on its webgpu backend, Adam of TensorFlow.js on
 * its own; ours behind a clip; a thousand small leaves, and a dispatch by hand for each; and what a copy of as many bytes takes.
 */
import { tmpdir } from 'node:os'
import process from 'node:process'
import { gpuDevice, gpuTransient } from '@gradchain/webgpu'
import { defaultDevice, init, jit, numpy as np } from '@jax-js/jax'
import * as tf from '@tensorflow/tfjs-core'
import { type AnyGradientTransformation, adamw, chain, clipByGlobalNorm } from 'gradchain'
import { create, globals } from 'webgpu'
import { median } from '../statistics.js'

const COUNT = 20
const LENGTH = 50_000
const SMALL = 1000
const SMALL_LENGTH = 64
/** Bytes of AdamW: params and two moments read and written, the gradient read. */
const BYTES = 28 * COUNT * LENGTH

const ROUNDS = 15
/** Steps after which what runs on the host is compiled. */
const WARM_UP = 20

type Stepper = () => Promise<unknown>

/** Milliseconds of a step of each, and by how much the others are slower than the first, round by round. */
export interface WebgpuSteps {
  readonly adapter: string
  readonly milliseconds: Readonly<Record<string, number>>
  readonly ratios: Readonly<Record<string, number>>
  /** The bandwidth of ours as a share of what a copy of as many bytes reaches. */
  readonly ofCopy: number
}

const values = (length: number, factor: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => factor * Math.sin(i + 1))

const ours = (device: GPUDevice, optimizer: AnyGradientTransformation, count: number, length: number): Stepper => {
  const params = Array.from({ length: count }, () => values(length, 1))
  const run = gpuTransient(optimizer, params, { device })
  run.step(params.map(() => values(length, 0.1)))
  return () => {
    run.step()
    return run.ready()
  }
}

/** Adam by hand, a dispatch for each leaf. */
const apart = (device: GPUDevice): Stepper => {
  const bytes = 256 * SMALL
  const buffers = Array.from({ length: 4 }, () => device.createBuffer({ size: bytes, usage: 0x80 }))
  const code = `
@group(0) @binding(0) var<storage, read_write> p: array<f32>;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  m[i] = 0.9 * m[i] + 0.1 * g[i];
  v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
  p[i] -= 0.001 * (m[i] / (sqrt(v[i]) + 1e-8) + 1e-4 * p[i]);
}`
  const module = device.createShaderModule({ code })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } })
  const layout = pipeline.getBindGroupLayout(0)
  const groups = Array.from({ length: SMALL }, (_, leaf) => {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer, offset: 256 * leaf, size: 256 } }))
    return device.createBindGroup({ layout, entries })
  })
  return () => {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    for (const group of groups) {
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(1)
    }
    pass.end()
    device.queue.submit([encoder.finish()])
    return device.queue.onSubmittedWorkDone()
  }
}

type Arrays = np.Array[]

const ofJaxjs = async (): Promise<Stepper> => {
  await init('webgpu')
  defaultDevice('webgpu')
  const arrays = (factor: number): Arrays => Array.from({ length: COUNT }, () => np.array(values(LENGTH, factor)))
  const grads = arrays(0.1)
  const run = jit((p: Arrays, m: Arrays, v: Arrays, g: Arrays, c1: np.Array, c2: np.Array): Arrays[] => {
    const at = (list: Arrays, i: number): np.Array => list[i] as np.Array
    const mu = m.map((x, i) => x.mul(0.9).add(at(g, i).ref.mul(0.1)))
    const nu = v.map((x, i) => x.mul(0.999).add(np.square(at(g, i)).mul(0.001)))
    const next = p.map((x, i) => {
      const scaled = at(mu, i)
        .ref.mul(c1.ref)
        .div(np.sqrt(at(nu, i).ref.mul(c2.ref)).add(1e-8))
      return x.ref.sub(scaled.add(x.mul(1e-4)).mul(1e-3))
    })
    c1.dispose()
    c2.dispose()
    return [next, mu, nu]
  })
  const zeros = (): Arrays => Array.from({ length: COUNT }, () => np.zeros([LENGTH]))
  let [p, m, v] = [arrays(1), zeros(), zeros()]
  let t = 0
  return () => {
    t += 1
    const refs = grads.map((array) => array.ref)
    ;[p, m, v] = run(p, m, v, refs, np.array(1 / (1 - 0.9 ** t)), np.array(1 / (1 - 0.999 ** t))) as [
      Arrays,
      Arrays,
      Arrays
    ]
    return (p.at(-1) as np.Array).ref.slice([0, 1]).data()
  }
}

const ofTfjs = async (): Promise<Stepper> => {
  // It looks for WebGPU when it is loaded.
  await import('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js could not start its webgpu backend')
  const names = Array.from({ length: COUNT }, (_, i) => `v${i}`)
  const variables = names.map((name) => tf.variable(tf.tensor1d(values(LENGTH, 1)), true, name))
  const gradients = names.map((name) => ({ name, tensor: tf.tensor1d(values(LENGTH, 0.1)) }))
  const optimizer = tf.train.adam(1e-3)
  return async () => {
    optimizer.applyGradients(gradients)
    const last = tf.slice(variables.at(-1) as tf.Variable, [0], [1])
    await last.data()
    last.dispose()
  }
}

/** Reads and writes as many bytes as a step does. */
const copying = (device: GPUDevice): Stepper => {
  const words = BYTES / 8
  const buffers = [0, 1].map(() => device.createBuffer({ size: 4 * words, usage: 0x80 }))
  const code = `
@group(0) @binding(0) var<storage, read> from: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> to: array<vec4f>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) { if (id.x < ${words / 4}u) { to[id.x] = from[id.x]; } }`
  const module = device.createShaderModule({ code: code.replaceAll('from', 'source') })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } })
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })
  return () => {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    pass.dispatchWorkgroups(Math.ceil(words / 4 / 256))
    pass.end()
    device.queue.submit([encoder.finish()])
    return device.queue.onSubmittedWorkDone()
  }
}

/** Milliseconds of each, in turn. */
export const webgpuSteps = async (): Promise<WebgpuSteps> => {
  process.env['XDG_RUNTIME_DIR'] ??= tmpdir()
  const gpu = create([])
  Object.assign(globalThis, globals)
  // Where jax-js and TensorFlow.js look for it; Node 20 has no navigator.
  const { navigator: own = {} } = globalThis as { readonly navigator?: object }
  Object.defineProperty(globalThis, 'navigator', {
    value: Object.assign(Object.create(own) as object, { gpu, userAgent: 'Node.js' }),
    configurable: true
  })
  const device = await gpuDevice({ gpu })
  const optimizer = adamw(1e-3, { weightDecay: 1e-4 })
  const steppers: Readonly<Record<string, Stepper>> = {
    ours: ours(device, optimizer, COUNT, LENGTH),
    clipped: ours(device, chain(clipByGlobalNorm(1), optimizer), COUNT, LENGTH),
    'jax-js': await ofJaxjs(),
    'TensorFlow.js': await ofTfjs(),
    copy: copying(device),
    small: ours(device, optimizer, SMALL, SMALL_LENGTH),
    'small apart': apart(device)
  }
  const names = Object.keys(steppers)
  const rounds: Record<string, number>[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const times: Record<string, number> = {}
    for (const name of names) {
      const since = performance.now()
      await steppers[name]?.()
      times[name] = performance.now() - since
    }
    if (round >= 0) rounds.push(times)
  }
  const ratio = (a: string, b: string): number => median(rounds.map((times) => (times[a] ?? NaN) / (times[b] ?? NaN)))
  const { vendor, architecture } = device.adapterInfo
  return {
    adapter: `${vendor} ${architecture}`,
    milliseconds: Object.fromEntries(names.map((name) => [name, median(rounds.map((times) => times[name] ?? NaN))])),
    ratios: {
      'jax-js to ours': ratio('jax-js', 'ours'),
      'TensorFlow.js to ours': ratio('TensorFlow.js', 'ours'),
      'clipped to ours': ratio('clipped', 'ours'),
      'small to small apart': ratio('small', 'small apart')
    },
    ofCopy: ratio('copy', 'ours')
  }
}
