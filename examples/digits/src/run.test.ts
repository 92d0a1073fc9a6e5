import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Options } from './options.js'
import { run } from './run.js'

const options: Options = { optimizer: 'chain', steps: 25, batchSize: 32, learningRate: 0.01, seed: 3 }
const never = new AbortController().signal

/** What a run writes, and how it ended. */
const output = async (changed: Partial<Options> = {}, isTTY = false, signal = never) => {
  const stream = Object.assign(new PassThrough(), { isTTY })
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const error = await run({ ...options, ...changed }, stream, signal).then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  return { text: Buffer.concat(parts).toString('utf8'), error }
}

describe('run', () => {
  test('says what it did: the progress, both curves, the loss and the accuracy', async () => {
    const { text, error } = await output()
    expect(error).toBeUndefined()
    expect(text).toMatch(/^1438 digits to learn from, 359 held out \(seed 3\)\nchain\(clipByGlobalNorm\(1\), /)
    expect(text.match(/^step .* loss .* learning rate .* gradient norm /gm)).toHaveLength(9)
    expect(text).toMatch(/\nloss, on a logarithmic scale\n.*\nlearning rate\n/s)
    expect(text).toMatch(/\ntraining loss {6}[\d.]+\nheld-out accuracy {2}0\.\d{4} \(\d+ of 359\)\n$/)
  })

  test('writes the same text twice for the same options', async () => {
    expect(await output()).toStrictEqual(await output())
  })

  test('a terminal gets a bar, and its cursor and line wrapping back', async () => {
    const { text } = await output({}, true)
    expect(text).toContain('25/25  loss ')
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'))
    expect(text.lastIndexOf('\u001b[?7h')).toBeGreaterThan(text.lastIndexOf('\u001b[?7l'))
  })

  test('stopped half-way, it ends at once and gives the cursor back all the same', async () => {
    const { text, error } = await output({ steps: 1_000_000 }, true, AbortSignal.timeout(50))
    expect(error).toMatchObject({ name: 'AbortError' })
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'))
    expect(text).not.toContain('held-out')
  })

  test('a loss that is no number any more ends the run in words', async () => {
    const { error } = await output({ optimizer: 'sgd', learningRate: 1e30 })
    expect(String(error)).toMatch(/^Error: the loss is (NaN|Infinity) at step \d+: try a smaller --learning-rate$/)
  })
})
