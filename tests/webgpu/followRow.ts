import { gpuTransient } from '@gradchain/webgpu'
import { step, type Tree, tree } from 'gradchain'
import { expect } from 'vitest'
import { type DeviceRow, readBack, treeAt } from './rows.js'

type Update = (...given: readonly unknown[]) => readonly [unknown, unknown]

const numbersIn = (given: unknown): readonly number[] =>
  tree.leaves(given as Tree).flatMap((leaf: unknown) => {
    if (typeof leaf === 'number') return [leaf]
    const { data = leaf } = Object(leaf) as { readonly data?: unknown }
    return data instanceof Float32Array || data instanceof Float64Array ? [...data] : []
  })

/** How far numbers are from others, beside the larger of 1 and what they should be. */
const distance = (actual: unknown, expected: unknown): number => {
  const [found, wanted] = [numbersIn(actual), numbersIn(expected)]
  expect(found.length).toBe(wanted.length)
  return wanted.reduce((most, x, i) => {
    const y = found[i] as number
    const far = Object.is(x, y) ? 0 : Math.abs(x - y) / Math.max(1, Math.abs(x))
    return Number.isNaN(far) ? Infinity : Math.max(most, far)
  }, 0)
}

/** How far the params and the state of a row get from those of `step`, in so many steps on a device. */
export const followRow = async ([title, make]: DeviceRow, device: GPUDevice, steps: number): Promise<number> => {
  const tx = make()
  const run = gpuTransient(tx, treeAt(0), { device, allowReadback: readBack.has(title) })
  let params: unknown = treeAt(0)
  let state = tx.init(params)
  for (let t = 1; t <= steps; t++) {
    run.step(treeAt(t))
    ;[params, state] = (step as unknown as Update)(tx, treeAt(t), state, params)
  }
  const snapshot = await run.snapshot()
  run.dispose()
  return Math.max(distance(snapshot.params, params), distance(snapshot.state, state))
}
