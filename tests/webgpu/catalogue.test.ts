// Which rows of the catalogue can be on a device as they are, which read back, and which cannot; and some of the first, followed. All of them are
// in `catalogue.soak.test.ts`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gpuTransient } from '@gradchain/webgpu'
import { describe, expect, test } from 'vitest'
import { boxDevice } from '../../packages/core/src/foreign/deviceTesting.js'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { root } from '../../scripts/setup.mjs'
import { followRow } from './followRow.js'
import { impossible, readBack, readBackPage, rows, treeAt } from './rows.js'

test('the table of what reads back has all that does, and nothing else', () => {
  const found = rows.filter(([, make]) => {
    try {
      boxDevice(make(), treeAt(0))
      return false
    } catch (error) {
      expect(String(error)).toContain('must be computable on the device')
      return true
    }
  })
  expect(found.map(([title]) => title).sort()).toStrictEqual([...readBack.keys()].sort())
})

test('the table of what cannot be there has all that is refused, and nothing else', async (context) => {
  const device = await testDevice(context)
  const refused = rows.filter(([title, make]) => {
    try {
      const run = gpuTransient(make(), treeAt(0), { device, allowReadback: true })
      // What is computed is refused when it is.
      if (impossible.has(title)) run.step(treeAt(1))
      run.dispose()
      return false
    } catch (error) {
      expect(String(error)).toContain('float64')
      return true
    }
  })
  expect(refused.map(([title]) => title).sort()).toStrictEqual([...impossible.keys()].sort())
})

test('the README of the package lists what reads back', () => {
  const page = readFileSync(join(root, 'packages/webgpu/README.md'), 'utf8')
  expect(page).toContain(`<!-- read back -->\n${readBackPage()}\n<!-- -->`)
})

const FOLLOWED = [
  'adam',
  'lion',
  'adafactor',
  'lamb',
  'muon',
  'clipByGlobalNorm',
  'lookahead',
  'applyIfFinite',
  'scaleBySoap'
]

describe('the steps of `step`', () => {
  test.for(rows.filter(([title]) => FOLLOWED.includes(title)))('%s', async (row, context) => {
    const device = await testDevice(context)
    expect(await followRow(row, device, 5)).toBeLessThan(1e-5)
  })
})
