import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskedCrc } from '../internal/tensorBoardRecord.js'
import { type LogEntry, tensorBoardEvents } from './tensorBoardEvents.js'
import { tensorBoardHeader } from './tensorBoardHeader.js'
import { tensorBoardHparams } from './tensorBoardHparams.js'

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/tensorboard/${name}`, import.meta.url))
/** What the real TensorBoard reads: `fixtures/tensorboard/read.py`. */
const read = JSON.parse(readFileSync(fixture('read.json'), 'utf8'))

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const linesOf = (...parts: readonly Uint8Array[]): string => hexOf(Buffer.concat(parts)).replace(/.{1,80}/g, '$&\n')

const at = (step: number | bigint) => ({ step, wallTime: 1700000000 + Number(step) / 4 })
const scalar = (tag: string, step: number | bigint, value: number): LogEntry => ({
  kind: 'scalar',
  tag,
  value,
  ...at(step)
})

const entries: readonly LogEntry[] = [
  scalar('loss', 0, 0.5),
  scalar('loss', 1, 0.1),
  scalar('loss', 2, NaN),
  scalar('loss', 3, Infinity),
  scalar('loss', 4, -Infinity),
  { kind: 'scalar', tag: 'steps', value: 1, step: 2n ** 53n + 1n, wallTime: 5 },
  { kind: 'scalar', tag: 'steps', value: 2, step: -5, wallTime: 6 },
  scalar('w[0] "ä" /norm', 1, 3),
  { kind: 'histogram', tag: 'weights', values: [1, 2, 3, 4, 4], ...at(1) },
  { kind: 'histogram', tag: 'weights', values: new Float32Array([2, 2, 2]), ...at(2) },
  { kind: 'histogram', tag: 'wild', values: [-3e300, NaN, 3e300, Infinity, 0], ...at(1) },
  { kind: 'histogram', tag: 'none', values: [], ...at(1) },
  { kind: 'bins', tag: 'counted', edges: [-1, 0, 2], counts: [1, 0, 4, 2], ...at(7) },
  { kind: 'text', tag: 'notes', text: '**größer** | 1e-3', ...at(1) }
]

const hparams = {
  hparams: { rate: 1e-3, optimizer: 'adamw', nesterov: false, 'weight decay': 0 },
  metrics: ['loss', 'val/loss'],
  wallTime: 1700000000
} as const

const header = tensorBoardHeader({ wallTime: 1 })

describe('the real TensorBoard reads', () => {
  test('files that are what is written now', async () => {
    await expect(linesOf(header, tensorBoardHparams(hparams), tensorBoardEvents(entries))).toMatchFileSnapshot(
      fixture('run.hex')
    )
    const resumed = tensorBoardEvents([scalar('loss', 2, 7), scalar('loss', 3, 8)])
    await expect(linesOf(tensorBoardHeader({ wallTime: 9, resumeAt: 2 }), resumed)).toMatchFileSnapshot(
      fixture('resumed.hex')
    )
  })

  test('scalars as they were written, in float32, with every step to the bit', () => {
    expect(read.scalars).toStrictEqual({
      loss: [
        [1700000000, '0', 0.5],
        [1700000000.25, '1', Math.fround(0.1)],
        [1700000000.5, '2', 'nan'],
        [1700000000.75, '3', 'inf'],
        [1700000001, '4', '-inf']
      ],
      steps: [
        [5, '9007199254740993', 1],
        [6, '-5', 2]
      ],
      'w[0] "ä" /norm': [[1700000000.25, '1', 3]],
      'wild/notFinite': [[1700000000.25, '1', 2]]
    })
  })

  test('histograms in thirty bins, or one, and no number twice', () => {
    const [weights, constant] = read.histograms.weights
    expect(weights).toMatchObject({ step: '1', min: 1, max: 4, num: 5, sum: 14, sumSquares: 46 })
    expect(weights.limits.length).toBe(30)
    expect(weights.limits.at(-1)).toBe(4)
    expect(
      weights.counts.map((n: number, i: number) => [i, n]).filter(([, n]: [number, number]) => n > 0)
    ).toStrictEqual([
      [0, 1],
      [10, 1],
      [20, 1],
      [29, 2]
    ])
    expect(constant).toStrictEqual({
      step: '2',
      min: 2,
      max: 2,
      num: 3,
      sum: 6,
      sumSquares: 12,
      limits: [2],
      counts: [3]
    })
    const [wild] = read.histograms.wild
    expect(wild).toMatchObject({ min: -3e300, max: 3e300, num: 3, sum: 0, sumSquares: 'inf' })
    expect(wild.counts.reduce((sum: number, n: number) => sum + n, 0)).toBe(3)
    expect(wild.limits.every((limit: number) => Number.isFinite(limit))).toBe(true)
    expect(read.histograms.none[0].num).toBe(0)
    expect(read.histograms.counted).toStrictEqual([
      { step: '7', min: -1, max: 2, num: 7, sum: 7, sumSquares: 13, limits: [-1, 0, 2, 2], counts: [1, 0, 4, 2] }
    ])
  })

  test('texts and hyperparameters', () => {
    expect(read.texts).toStrictEqual({ notes: { plugin: 'text', texts: [['1', '**größer** | 1e-3']] } })
    expect(read.hparams).toStrictEqual({
      names: [
        ['rate', 'float64'],
        ['optimizer', 'string'],
        ['nesterov', 'bool'],
        ['weight decay', 'float64']
      ],
      metrics: ['loss', 'val/loss'],
      values: { nesterov: false, optimizer: 'adamw', rate: 0.001, 'weight decay': 0 },
      start: 1700000000,
      end: [1, 1700000000]
    })
  })

  test('that a run goes on from a step: what came later of any tag is forgotten', () => {
    expect(read.resumed.loss.map(([, step, value]: [number, string, number]) => [step, value])).toStrictEqual([
      ['0', 0.5],
      ['1', Math.fround(0.1)],
      ['2', 7],
      ['3', 8]
    ])
    expect(read.resumed.steps).toStrictEqual([[6, '-5', 2]])
  })
})

test('the bytes of a file of one scalar are those that TensorFlow writes', () => {
  expect(hexOf(header)).toBe('1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a')
  expect(hexOf(tensorBoardEvents([{ kind: 'scalar', tag: 'loss', value: 0.5, step: 1, wallTime: 2 }]))).toBe(
    '1a00000000000000129bd82d09000000000000004010012a0d0a0b0a046c6f7373150000003fe20576ce'
  )
})

test.each([
  ['', 0xa282ead8],
  ['a', 0x28e46e78],
  ['123456789', 0xc78ab0e5],
  ['Gradchain', 0x7c09138d]
])('the masked CRC of %j', (text, wanted) => {
  expect(maskedCrc(new TextEncoder().encode(text))).toBe(wanted)
})

test('the bytes of a list are those of its entries, one after the other', () => {
  const each = entries.map((entry) => tensorBoardEvents([entry]))
  expect(hexOf(tensorBoardEvents(entries))).toBe(each.map(hexOf).join(''))
  expect(tensorBoardEvents([])).toStrictEqual(new Uint8Array(0))
})

test('a histogram has every finite number once, whatever they are', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1 }), (values) => {
      const bytes = tensorBoardEvents([{ kind: 'histogram', tag: 'x', values, step: 0, wallTime: 0 }])
      // The counts are the last field: whole numbers of float64, so that their sum is exact.
      const finite = values.filter(Number.isFinite)
      const size = finite.length === 0 || finite.every((x) => x === finite[0]) ? 1 : 30
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
      const counts = new Float64Array(bytes.slice(12 + length - 8 * size, 12 + length).buffer)
      return counts.reduce((sum, n) => sum + n, 0) === finite.length
    })
  )
})

const entry = { kind: 'scalar', tag: 'x', value: 1, step: 1, wallTime: 1 } as const

test.each<[string, () => unknown]>([
  ['tensorBoardHeader: wallTime must be a finite number, got undefined', () => tensorBoardHeader({} as never)],
  [
    'tensorBoardHeader: resumeAt must be a whole number or a bigint of 64 bits, got 1.5',
    () => tensorBoardHeader({ wallTime: 1, resumeAt: 1.5 })
  ],
  ['tensorBoardEvents: entries must be a list, got 3', () => tensorBoardEvents(3 as never)],
  ['tensorBoardEvents: entries[1] must be an entry, got null', () => tensorBoardEvents([entry, null as never])],
  [
    'tensorBoardEvents: entries[0].kind must be one of "scalar", "histogram", "bins", "text", got "image"',
    () => tensorBoardEvents([{ ...entry, kind: 'image' as never }])
  ],
  [
    'tensorBoardEvents: entries[0].tag must be a text of one character or more, got ""',
    () => tensorBoardEvents([{ ...entry, tag: '' }])
  ],
  [
    'tensorBoardEvents: entries[0].step must be a whole number or a bigint of 64 bits, got 1.7',
    () => tensorBoardEvents([{ ...entry, step: 1.7 }])
  ],
  ['tensorBoardEvents: entries[0].step must be', () => tensorBoardEvents([{ ...entry, step: 2n ** 63n }])],
  [
    'tensorBoardEvents: entries[0].wallTime must be a finite number, got NaN',
    () => tensorBoardEvents([{ ...entry, wallTime: NaN }])
  ],
  [
    'tensorBoardEvents: entries[0].value must be a number, got "1"',
    () => tensorBoardEvents([{ ...entry, value: '1' as never }])
  ],
  [
    'tensorBoardEvents: entries[0].values must be a list or an array of numbers, got ["a"]',
    () => tensorBoardEvents([{ ...entry, kind: 'histogram', values: ['a'] as never }])
  ],
  [
    'tensorBoardEvents: entries[0].counts must be a list of 2 numbers ≥ 0, got [1]',
    () => tensorBoardEvents([{ ...entry, kind: 'bins', edges: [0], counts: [1] }])
  ],
  [
    'tensorBoardEvents: entries[0].edges must be a list of finite numbers',
    () => tensorBoardEvents([{ ...entry, kind: 'bins', edges: [0, 0], counts: [1, 2, 3] }])
  ],
  [
    'tensorBoardEvents: entries[0].text must be a text, got 1',
    () => tensorBoardEvents([{ ...entry, kind: 'text', text: 1 as never }])
  ],
  [
    'tensorBoardHparams: hparams must be an object, got [1]',
    () => tensorBoardHparams({ ...hparams, hparams: [1] as never })
  ],
  [
    'tensorBoardHparams: hparams.rate must be a finite number, a text or a flag, got NaN',
    () => tensorBoardHparams({ ...hparams, hparams: { rate: NaN } })
  ],
  [
    'tensorBoardHparams: metrics must be a list of tags, got "loss"',
    () => tensorBoardHparams({ ...hparams, metrics: 'loss' as never })
  ],
  [
    'tensorBoardHparams: metrics[1] must be a text of one character or more, got ""',
    () => tensorBoardHparams({ ...hparams, metrics: ['a', ''] })
  ]
])('refuses: %s', (message, refused) => {
  expect(refused).toThrow(message)
})
