// Every row of the catalogue on a device of WebGPU, beside `step`.
import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { followRow } from './followRow.js'
import { impossible, rows } from './rows.js'

// In 20 steps roundings of float32 come together; products of many matrices multiply them, and so do gradients that nearly cancel.
const USUAL = 1e-5
const TOLERANCES: Readonly<Record<string, number>> = {
  'pcGrad, a sum, in random order': 5e-5,
  scaleByMuon: 1e-4,
  'scaleByMuon, stacks, adaptive, on the Gram matrix': 2e-4
}

test.for(rows.filter(([title]) => !impossible.has(title)))('%s: the steps of `step`', async (row, context) => {
  const device = await testDevice(context)
  expect(await followRow(row, device, 20)).toBeLessThan(TOLERANCES[row[0]] ?? USUAL)
})
