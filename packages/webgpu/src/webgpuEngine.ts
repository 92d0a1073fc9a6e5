import type { NdArray } from '@gradchain/core'
import { type AsyncEngine, type Expr, nodeOf, pendingOrder, settleNode } from '@gradchain/core/engine'
import type { Device, DeviceBuffer } from './device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from './device/usage.js'
import type { DeviceDType, Slot } from './internal/runner.js'
import { runnerOn } from './internal/runnerOn.js'

/** Slots begin at multiples of so many bytes. */
const ALIGNMENT = 256

/**
 * An engine that computes on a device and brings the values back. It is for those who want to know what a device makes of an
 * expression; to train there, with nothing going to and fro, is what `gpuTransient` is for.
 *
 * It counts in float32, also where numbers are float64 elsewhere, and refuses arrays of float64. What it may be off by is written down in
 * {@link webgpuTolerance}; numbers below 2⁻¹²⁶ may be taken for 0, and with them the squares of those below 2⁻⁶³. Functions on whole arrays are called with what is read back.
 *
 * @example
 * import { type Expr, lift, nodeOf } from '@gradchain/core/engine'
 *
 * const doubled = async (device: Device, x: Float32Array) => {
 *   const node = mul(lift(x), 2) as Expr
 *   await webgpuEngine(device).evaluate([node])
 *   return nodeOf(node)
 * }
 *
 * @throws InvalidOption for an array of float64, and for a device that is lost.
 * @see webgpuTolerance
 */
export const webgpuEngine = (device: Device): AsyncEngine => {
  const runner = runnerOn(device)
  let results: DeviceBuffer | null = null

  /** Room for so many bytes. What was read from an earlier one is copied out of it by then. */
  const roomFor = (bytes: number): DeviceBuffer => {
    if (results !== null && results.size >= bytes) return results
    results?.destroy()
    results = device.createBuffer({
      size: Math.max(bytes, Math.min(2 * bytes, device.limits.maxBufferSize)),
      usage: STORAGE | COPY_SRC | COPY_DST
    })
    return results
  }

  const compute = async (roots: readonly Expr[]): Promise<void> => {
    const pending = [...new Set(roots)].filter((root) => nodeOf(root).name !== 'leaf')
    if (pending.length === 0) return
    let bytes = 0
    const places = pending.map((root) => {
      const form = formOf(root)
      const offset = bytes
      bytes += Math.ceil(Math.max(1, (form.dtype === 'float32' ? 4 : 2) * form.length) / ALIGNMENT) * ALIGNMENT
      return { ...form, offset }
    })
    const buffer = roomFor(bytes)
    const slots = places.map((place): Slot => ({ ...place, buffer }))
    runner.enqueue(pending.map((node, i) => ({ node, to: slots[i] as Slot })))
    const values = await runner.read(slots)
    pending.forEach((root, i) => {
      const value = values[i] as NdArray['data']
      settleNode(root, nodeOf(root).dtype === 'number' ? (value[0] as number) : value)
    })
  }

  const evaluate = async (roots: readonly Expr[]): Promise<void> => {
    for (;;) {
      const called = pendingOrder(roots).find((node) => nodeOf(node).name === 'opaque')
      if (called === undefined) return compute(roots)
      // The first of them in order: nothing below it is one.
      const node = nodeOf(called)
      const operands = node.operands as readonly Expr[]
      await compute(operands)
      if (node.name === 'opaque') settleNode(called, own(node.f(...operands.map(arrayOf)), operands))
    }
  }

  return { name: 'webgpu', isAsync: true, evaluate }
}

const formOf = (root: Expr): { readonly dtype: DeviceDType; readonly length: number } => {
  const { dtype, shape } = nodeOf(root)
  const length = shape.reduce((product, n) => product * n, 1)
  return { dtype: dtype === 'number' || dtype === 'float64' ? 'float32' : dtype, length }
}

const arrayOf = (x: Expr): NdArray => {
  const node = nodeOf(x)
  return (node.name === 'leaf' ? node.value : null) as NdArray
}

/** Elements that are nobody else's. */
const own = (data: NdArray['data'], operands: readonly Expr[]): NdArray['data'] =>
  operands.some((operand) => arrayOf(operand).data.buffer === data.buffer) ? data.slice() : data
