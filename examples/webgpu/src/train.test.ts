import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { testDevice } from '../../../packages/webgpu/src/testing.js'
import { parseDigits } from '../../digits/src/data.js'
import { train } from './train.js'

test('train reads at least nine of ten digits that it has not seen, and tells the losses on the way', async (context) => {
  const device = await testDevice(context)
  const data = readFileSync(new URL('../../digits/data/digits.csv.gz', import.meta.url))
  const lines: string[] = []
  let curve: readonly number[] = []
  await train(device, parseDigits(gunzipSync(data).toString('utf8')), {
    line: (text) => lines.push(text),
    losses: (all) => {
      curve = all
    }
  })
  expect(lines.at(-1)).toMatch(/^accuracy 0\.9\d\d$/)
  expect(curve.length).toBe(20 * 44)
  expect(curve[0]).toBeCloseTo(Math.log(10), 5)
})
