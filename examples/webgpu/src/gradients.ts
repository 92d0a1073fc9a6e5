import type { DeviceArray } from '@gradchain/webgpu'
import type { Digit } from './digit.js'

export const PIXELS = 64
export const CLASSES = 10
/** Digits in a step: one invocation of the first shader for each. */
export const BATCH = 32

const constants = `
const PIXELS = ${PIXELS}u;
const CLASSES = ${CLASSES}u;
const BATCH = ${BATCH}u;
`

/** Of each digit of a batch: its probabilities less what they should be; and the mean loss. */
const FORWARD = `${constants}
@group(0) @binding(0) var<storage, read> pixels: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> kernel: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> errors: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(0) @binding(6) var<uniform> batch: vec4u;

var<workgroup> each: array<f32, ${BATCH}>;

@compute @workgroup_size(${BATCH})
fn main(@builtin(local_invocation_index) i: u32) {
  let digit = (batch.x + i) % batch.y;
  var scores: array<f32, ${CLASSES}>;
  var largest = -3e38;
  for (var c = 0u; c < CLASSES; c++) {
    var score = bias[c];
    for (var p = 0u; p < PIXELS; p++) { score += pixels[digit * PIXELS + p] * kernel[p * CLASSES + c]; }
    scores[c] = score;
    largest = max(largest, score);
  }
  var total = 0.0;
  for (var c = 0u; c < CLASSES; c++) { total += exp(scores[c] - largest); }
  for (var c = 0u; c < CLASSES; c++) {
    let wanted = select(0.0, 1.0, c == labels[digit]);
    errors[i * CLASSES + c] = (exp(scores[c] - largest) / total - wanted) / f32(BATCH);
  }
  each[i] = largest + log(total) - scores[labels[digit]];
  workgroupBarrier();
  if (i == 0u) {
    var sum = 0.0;
    for (var k = 0u; k < BATCH; k++) { sum += each[k]; }
    losses[batch.z] = sum / f32(BATCH);
  }
}
`

/** The gradient: pixels times errors, one invocation for each number of the kernel; the first pixel's do the bias, too. */
const BACKWARD = `${constants}
@group(0) @binding(0) var<storage, read> pixels: array<f32>;
@group(0) @binding(1) var<storage, read> errors: array<f32>;
@group(0) @binding(2) var<storage, read_write> kernelGrad: array<f32>;
@group(0) @binding(3) var<storage, read_write> biasGrad: array<f32>;
@group(0) @binding(4) var<uniform> batch: vec4u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= PIXELS * CLASSES) { return; }
  let p = id.x / CLASSES;
  let c = id.x % CLASSES;
  var sum = 0.0;
  var errorSum = 0.0;
  for (var i = 0u; i < BATCH; i++) {
    let digit = (batch.x + i) % batch.y;
    let error = errors[i * CLASSES + c];
    sum += pixels[digit * PIXELS + p] * error;
    errorSum += error;
  }
  kernelGrad[id.x] = sum;
  if (p == 0u) { biasGrad[c] = errorSum; }
}
`

/** Where the params and their gradients lie. */
interface Places {
  readonly params: { readonly kernel: DeviceArray; readonly bias: DeviceArray }
  readonly grads: { readonly kernel: DeviceArray; readonly bias: DeviceArray }
}

/** The gradients of the loss over batches of digits, computed where the params are. */
export interface Gradients {
  /** Enqueues those of a step. */
  readonly compute: (step: number) => void
  /** The losses of the steps so far. */
  readonly losses: (steps: number) => Promise<readonly number[]>
}

/** Shaders for digits, and room for the losses of so many steps. */
export const gradientsOn = (device: GPUDevice, digits: readonly Digit[], steps: number, places: Places): Gradients => {
  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = {
    STORAGE: 0x80,
    UNIFORM: 0x40,
    COPY_DST: 8,
    COPY_SRC: 4,
    MAP_READ: 1
  }
  const filled = (data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GPUBuffer => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_DST })
    device.queue.writeBuffer(buffer, 0, data)
    return buffer
  }
  const pixels = filled(Float32Array.from(digits.flatMap((digit) => digit.pixels)))
  const labels = filled(Uint32Array.from(digits, ({ label }) => label))
  const errors = device.createBuffer({ size: 4 * BATCH * CLASSES, usage: STORAGE })
  const losses = device.createBuffer({ size: 4 * steps, usage: STORAGE | COPY_SRC })
  const batch = device.createBuffer({ size: 16, usage: UNIFORM | COPY_DST })

  const { params, grads } = places
  const resourceOf = ({ buffer, offset, shape }: DeviceArray): GPUBufferBinding => ({
    ...{ buffer: buffer as GPUBuffer, offset },
    size: 4 * shape.reduce((size, length) => size * length, 1)
  })
  const bound = (code: string, resources: readonly GPUBufferBinding[]) => {
    const module = device.createShaderModule({ code })
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } })
    const entries = resources.map((resource, binding) => ({ binding, resource }))
    return { pipeline, group: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) }
  }
  const forward = bound(FORWARD, [
    ...[{ buffer: pixels }, { buffer: labels }, resourceOf(params.kernel), resourceOf(params.bias)],
    ...[{ buffer: errors }, { buffer: losses }, { buffer: batch }]
  ])
  const backward = bound(BACKWARD, [
    ...[{ buffer: pixels }, { buffer: errors }, resourceOf(grads.kernel), resourceOf(grads.bias), { buffer: batch }]
  ])

  return {
    compute: (step) => {
      device.queue.writeBuffer(batch, 0, Uint32Array.of(step * BATCH, digits.length, step, 0))
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      for (const [{ pipeline, group }, groups] of [
        [forward, 1],
        [backward, Math.ceil((PIXELS * CLASSES) / 64)]
      ] as const) {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(groups)
      }
      pass.end()
      device.queue.submit([encoder.finish()])
    },
    losses: async (done) => {
      const copy = device.createBuffer({ size: 4 * done, usage: COPY_DST | MAP_READ })
      const encoder = device.createCommandEncoder()
      encoder.copyBufferToBuffer(losses, 0, copy, 0, 4 * done)
      device.queue.submit([encoder.finish()])
      await copy.mapAsync(MAP_READ)
      const read = [...new Float32Array(copy.getMappedRange())]
      copy.destroy()
      return read
    }
  }
}
