import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adam } from 'gradchain'
import { expect, test } from 'vitest'
import { initialParams } from './model.js'
import { streams } from './random.js'
import { readRun, saveRun } from './saved.js'

test('readRun gives what saveRun was given', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-digits-'))
  try {
    const file = join(folder, 'run.safetensors')
    const options = { optimizer: 'adam', steps: 5, batchSize: 8, learningRate: 0.1 + 0.2, seed: 3 } as const
    const params = initialParams(streams(0)[0])
    const state = adam(0.1).init(params)
    await saveRun(file, options, [1, Number.NaN], { step: 1, loss: 1, gradientNorm: 1, ratios: {}, params, state })
    const { options: read, losses, start } = await readRun(file)
    expect([read, losses, start.step]).toStrictEqual([options, [1, Number.NaN], 2])
    const fresh = { params: initialParams(streams(1)[0]), state: adam(0.1).init(params) }
    expect(start.restored(fresh)).toStrictEqual({ params, state })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
