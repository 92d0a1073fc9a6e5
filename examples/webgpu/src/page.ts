// The page: a curve of the losses, and what is told.
import { gpuDevice } from '@gradchain/webgpu'
import type { Digit } from './digit.js'
import { train } from './train.js'

const canvas = document.querySelector('canvas') as HTMLCanvasElement
const lines = document.querySelector('pre') as HTMLPreElement

const line = (text: string): void => {
  lines.textContent += `${text}\n`
}

const draw = (losses: readonly number[]): void => {
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D
  const most = Math.max(...losses)
  pen.clearRect(0, 0, canvas.width, canvas.height)
  pen.strokeStyle = '#0a58ca'
  pen.beginPath()
  losses.forEach((loss, i) => {
    pen.lineTo((i / losses.length) * canvas.width, canvas.height * (1 - (0.95 * loss) / most))
  })
  pen.stroke()
}

try {
  const device = await gpuDevice<GPUDevice>()
  const digits = (await (await fetch('/digits.json')).json()) as readonly Digit[]
  await train(device, digits, { line, losses: draw })
} catch (error) {
  line(String(error))
}
