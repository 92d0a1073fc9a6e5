import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { run } from './run.js'

test('the page says what was run and how it went, with curves, equations, layers and times', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-digits-'))
  try {
    const report = join(folder, 'run.html')
    const stream = new PassThrough().resume()
    const options = { optimizer: 'adamw', steps: 12, batchSize: 128, learningRate: 0.01, seed: 3 } as const
    await run({ ...options, report }, stream, new AbortController().signal)
    const page = readFileSync(report, 'utf8')
    expect(page).toContain('npm start -- --optimizer adamw --steps 12 --batch-size 128 --learning-rate 0.01 --seed 3')
    for (const heading of ['Curves', 'Optimizer', 'Layers', 'Time']) expect(page).toContain(`<h2>${heading}</h2>`)
    for (const label of [
      'loss of each batch: loss',
      'read rightly: accuracy',
      'learning rate: ',
      'update ratio: dense1.kernel'
    ]) {
      expect(page).toContain(`aria-label="${label.startsWith('read') ? 'share of held-out digits ' : ''}${label}`)
    }
    expect(page).toContain('params at the end: dense1.kernel, dense1.bias, dense2.kernel, dense2.bias')
    expect(page).toContain('for dense1.kernel, dense2.kernel')
    expect(page.match(/<math/g)?.length).toBeGreaterThan(5)
    for (const part of ['gradients', 'optimizer', 'batches', 'accuracy']) expect(page).toContain(`<td>${part}</td>`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
