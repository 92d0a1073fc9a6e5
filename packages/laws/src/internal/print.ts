import type { Trajectory } from '../trajectory.js'
import { write } from './difference.js'
import { isShaped } from './elements.js'

/** The most elements that are written one by one, and the longest period that is looked for. */
const SHORT = 16

/** A trajectory as code that can be pasted among `examples`. */
export const printTrajectory = ({ params, steps, choice }: Trajectory): string => {
  const shown = steps.map((step) => {
    const extra = step.extra === undefined ? '' : `, extra: ${print(step.extra)}`
    return `{ gradients: ${print(step.gradients)}, params: ${print(step.params)}${extra} }`
  })
  return `{ params: ${print(params)}, steps: [${shown.join(', ')}], choice: ${choice ?? 0} }`
}

/** A value as code. */
export const print = (value: unknown): string => {
  if (typeof value === 'number') return write(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Float32Array || value instanceof Float64Array) return printData(value)
  if (isShaped(value)) {
    const dtype = value.data instanceof Uint16Array ? `, '${value.dtype}'` : ''
    return `ndarray(${printData(value.data)}, [${value.shape.join(', ')}]${dtype})`
  }
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${print(field)}`)
  return `{ ${fields.join(', ')} }`
}

const printData = (data: Float32Array | Float64Array | Uint16Array): string => {
  const name = data.constructor.name
  const list = (n: number): string => Array.from(data.subarray(0, n), write).join(', ')
  if (data.length === 0) return `new ${name}(0)`
  if (data.length <= SHORT) return `new ${name}([${list(data.length)}])`
  for (let period = 1; period <= SHORT; period++) {
    if (data.every((x, i) => Object.is(x, data[i % period]))) {
      return `${name}.from({ length: ${data.length} }, (_, i) => [${list(period)}][i % ${period}])`
    }
  }
  return `${name}(${data.length}) [${list(SHORT)}, …]`
}
