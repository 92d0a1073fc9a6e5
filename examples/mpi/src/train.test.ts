import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { solo } from '@gradchain/distributed'
import { valueAndGrad } from 'gradchain'
import { expect, test } from 'vitest'
import { digits } from './digits.js'
import { initialParams, lossOf, type Params, pixelsOf } from './model.js'
import { requestOf } from './options.js'
import { train } from './train.js'

test('one rank learns, and says a hash and how many it reads right', async () => {
  const lines: string[] = []
  const some = digits().slice(0, 600)
  const options = { epochs: 8, batch: 16, hidden: 32 }
  const { accuracy, hashes } = await train(solo(), options, some, (line) => lines.push(line))
  expect(accuracy).toBeGreaterThan(0.7)
  expect(lines.slice(-2)).toStrictEqual([`rank 0: params ${hashes[0]}`, `held-out accuracy ${accuracy.toFixed(4)}`])
  expect((await train(solo(), options, some, () => {})).hashes).toStrictEqual(hashes)
})

test('the losses of shares add up to that of the batch, whatever the shares', () => {
  const batch = digits().slice(0, 30)
  const params = initialParams(8)
  const lossAndGrad = valueAndGrad(lossOf(8, 30) as never) as unknown as (
    params: Params,
    ...rest: readonly unknown[]
  ) => readonly [number, Params]
  const lossOfShare = (from: number, to: number): number => {
    const share = batch.slice(from, to)
    const [loss] = lossAndGrad(
      params,
      pixelsOf(share),
      share.map(({ label }) => label)
    )
    return loss
  }
  // Sums of thirty float32, in another order.
  expect(Math.abs(lossOfShare(0, 7) + lossOfShare(7, 30) - lossOfShare(0, 30))).toBeLessThan(1e-5)
})

test('goes on from a file as if it had never stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-mpi-'))
  const file = join(folder, 'run.safetensors')
  const some = digits().slice(0, 200)
  const options = { batch: 16, hidden: 8 }
  const { hashes } = await train(solo(), { ...options, epochs: 4 }, some, () => {})
  await train(solo(), { ...options, epochs: 2, save: file }, some, () => {})
  const lines: string[] = []
  const again = await train(solo(), { ...options, epochs: 4, resume: file }, some, (line) => lines.push(line))
  expect(again.hashes).toStrictEqual(hashes)
  expect(lines.filter((line) => line.startsWith('epoch')).map((line) => line.slice(0, 7))).toStrictEqual([
    'epoch 3',
    'epoch 4'
  ])
  rmSync(folder, { recursive: true })
})

test('the command line', () => {
  expect(requestOf([])).toStrictEqual({ ranks: 2, local: false, epochs: 12, batch: 64, hidden: 64 })
  expect(requestOf(['--ranks', '4', '--local', '--save', 'x'])).toMatchObject({ ranks: 4, local: true, save: 'x' })
})
