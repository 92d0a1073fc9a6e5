import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { save } from '@gradchain/checkpoint'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

describe('a run that is saved', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradchain-digits-'))
    file = join(folder, 'run.safetensors')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** From the curves on: what is said at the end of a run. */
  const end = (text: string): string => text.slice(text.indexOf('\nloss, on'))

  // Batches so large that there are few in an epoch.
  const large = { batchSize: 512, steps: 7 }

  test.each(['chain', 'lookahead'] as const)('goes on to the same end, to the last digit: %s', async (optimizer) => {
    const through = await output({ ...large, optimizer })
    const stopped = await output({ ...large, optimizer, save: file, stopAfter: 2 })
    expect(stopped.error).toBeUndefined()
    expect(stopped.text).toMatch(/\nstopped at step 4 of 7; npm start -- --resume .*run\.safetensors goes on\n$/)
    // Other options: those of the run count.
    const resumed = await output({ seed: 1, steps: 9, resume: file })
    expect(resumed.error).toBeUndefined()
    expect(resumed.text).not.toContain('step 4/7')
    expect(end(resumed.text)).toBe(end(through.text))
  })

  test('says that a page about it comes with its end', async () => {
    const { text } = await output({ ...large, save: file, stopAfter: 1, report: join(folder, 'run.html') })
    expect(text).toMatch(/goes on\nno .*run\.html yet: a page is about a whole run, give --report where it ends\n$/)
  })

  test('is saved at its end, too, and does not go on from there', async () => {
    expect((await output({ ...large, save: file })).error).toBeUndefined()
    const { error } = await output({ resume: file })
    expect(String(error)).toBe(`Error: the run in ${file} is at its end: all of its 7 steps were taken`)
  })

  test('does not go on to where it was already, nor name a file that it did not write', async () => {
    await output({ ...large, save: file, stopAfter: 2 })
    const { text, error } = await output({ resume: file, save: join(folder, 'other'), stopAfter: 2 })
    expect(String(error)).toBe(`Error: the run in ${file} is at step 4, where --stop-after 2 ends or beyond`)
    expect(text).not.toContain('goes on')
  })

  test.each<[string, () => Uint8Array, string]>([
    ['a damaged file', () => save({}).slice(0, -1), 'CheckpointError: load: the file must be'],
    ['another file', () => save({ w: 1 }), 'run.safetensors holds no run of this program'],
    [
      'a run of others',
      () => save({ about: { seed: -1 }, losses: new Float64Array(0) }),
      'holds no run of this program: --optimizer must be one of'
    ]
  ])('does not go on from %s', async (_, bytes, sentence) => {
    writeFileSync(file, bytes())
    expect(String((await output({ resume: file })).error)).toContain(sentence)
  })

  test('does not go on from another optimizer', async () => {
    const about = { optimizer: 'sgd', steps: 7, batchSize: 512, learningRate: 0.1, seed: 0 }
    writeFileSync(file, save({ about, losses: new Float64Array(1), run: { params: {}, state: {} } }))
    const { error } = await output({ resume: file })
    expect(String(error)).toContain(
      'CheckpointError: load: tree.run.params must be an object with "dense1", got one with nothing'
    )
  })

  test('does not go on from nothing', async () => {
    expect(String((await output({ resume: file })).error)).toContain('ENOENT')
  })
})
