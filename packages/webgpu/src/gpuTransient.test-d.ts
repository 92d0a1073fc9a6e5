import { adam, polyakSgd, sgd } from '@gradchain/optimizers'
import { gpuTransient } from './gpuTransient.js'

declare const device: GPUDevice
declare const buffer: GPUBuffer

const params = { w: new Float32Array(2), layers: [{ b: new Float32Array(1) }], rate: 1 }
const run = gpuTransient(adam(0.1), params, { device })

// Arrays, buffers, parts of buffers and nothing; null where a param is to rest.
run.step(params)
run.step({ w: buffer, layers: [{ b: { buffer, offset: 4 } }], rate: 2 })
run.step({ w: null, layers: [{ b: null }], rate: null })
run.step(run.params)
run.step()

run.grads.w.offset satisfies number
run.grads.layers[0]?.b.shape satisfies readonly number[] | undefined
run.grads.rate = 3

const { params: next, state } = await run.snapshot()
next.w satisfies Float32Array
next.rate satisfies number
gpuTransient(adam(0.1), next, { device, state })
run.setState(state)

gpuTransient(polyakSgd(), params, { device }).step(params, { value: 1 })

// @ts-expect-error -- a device is required
gpuTransient(adam(0.1), params, {})
// @ts-expect-error -- the state of another optimizer
gpuTransient(adam(0.1), params, { device, state: sgd(0.1).init(params) })
// @ts-expect-error -- a text is no gradient
run.step({ ...params, w: 'much' })
// @ts-expect-error -- gradients of another structure
run.step({ w: buffer })
// @ts-expect-error -- the loss is asked for
gpuTransient(polyakSgd(), params, { device }).step(params)
