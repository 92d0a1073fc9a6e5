import { gpuTransient } from '@gradchain/webgpu'
import { adamw, chain, clipByGlobalNorm, ndarray, warmupCosineDecaySchedule } from 'gradchain'
import type { Digit } from './digit.js'
import { BATCH, CLASSES, gradientsOn, PIXELS } from './gradients.js'

const EPOCHS = 20

/** What is told on the way. */
export interface Report {
  readonly line: (text: string) => void
  readonly losses: (all: readonly number[]) => void
}

/** Learns to read digits on a device; every fifth is held out. */
export const train = async (device: GPUDevice, digits: readonly Digit[], { line, losses }: Report): Promise<void> => {
  const [learned, heldOut] = [digits.filter((_, i) => i % 5 !== 0), digits.filter((_, i) => i % 5 === 0)]
  const batches = Math.floor(learned.length / BATCH)
  const steps = EPOCHS * batches

  const rate = warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.02, warmupSteps: 40, decaySteps: steps })
  const optimizer = chain(clipByGlobalNorm(1), adamw(rate, { weightDecay: 0.01 }))
  const start = {
    kernel: ndarray(new Float32Array(PIXELS * CLASSES), [PIXELS, CLASSES]),
    bias: new Float32Array(CLASSES)
  }
  const run = gpuTransient(optimizer, start, { device })

  const gradients = gradientsOn(device, learned, steps, run)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let batch = 0; batch < batches; batch++) {
      gradients.compute(epoch * batches + batch)
      run.step()
    }
    const curve = await gradients.losses((epoch + 1) * batches)
    losses(curve)
    const mean = curve.slice(-batches).reduce((sum, loss) => sum + loss, 0) / batches
    line(`epoch ${epoch + 1}: loss ${mean.toFixed(4)}`)
  }

  const { params } = await run.snapshot()
  const right = heldOut.filter(({ pixels, label }) => readBy(params.kernel.data, params.bias, pixels) === label).length
  line(`accuracy ${(right / heldOut.length).toFixed(3)}`)
  run.dispose()
}

/** Which digit an image is most likely. */
const readBy = (kernel: Float32Array, bias: Float32Array, pixels: readonly number[]): number => {
  const scores = Array.from(bias, (b, c) => pixels.reduce((sum, x, p) => sum + x * (kernel[p * CLASSES + c] ?? 0), b))
  return scores.indexOf(Math.max(...scores))
}
