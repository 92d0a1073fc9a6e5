// Params of 16 bits. Optax rounds every operation to their dtype, ours are float32 and rounded once, so that both are some
// units of 16 bits apart; the params of each step are those that Optax has, or differences would add up.
import { readFileSync } from 'node:fs'
import { applyUpdates, force, type NdArray, ndarray, tree } from 'gradchain'
import { afterAll, expect, test } from 'vitest'
import { type Half, halves } from './halves.js'
import { oursOf } from './ours.js'
import { type Row, writeReport } from './report.js'

type Steps = readonly (readonly number[])[]

interface Data {
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly params: readonly number[]
  readonly gradients: Steps
  readonly cases: readonly ({ readonly name: string; readonly expression: string } & Readonly<Record<Half, Steps>>)[]
}

const data: Data = JSON.parse(readFileSync(new URL('./data/halves.json', import.meta.url), 'utf8'))

/** Some units in the last place, of a dtype with that many bits behind the point. */
const UNIT: Readonly<Record<Half, number>> = { bfloat16: 2 ** -8, float16: 2 ** -11 }
const UNITS = 8

const texts = oursOf('./halves.ts', 'halves')
const rows: Row[] = []
afterAll(() => writeReport('halves', data, rows))

test('every case in the data has a row, and every row has data', () => {
  expect(Object.keys(halves).sort()).toEqual(data.cases.map(({ name }) => name).sort())
})

const numbersOf = (values: NdArray): readonly number[] => [...(force(tree.cast(values, 'float64')) as NdArray).data]

/** What is erased of a transformation. */
interface Driven {
  readonly init: (params: NdArray) => unknown
  readonly update: (updates: NdArray, state: unknown, params: NdArray) => readonly [NdArray, unknown]
}

const pairs = data.cases.flatMap((run) => (['bfloat16', 'float16'] as const).map((half) => ({ ...run, half })))

test.each(pairs)('$name in $half: the updates of Optax, up to some units', ({ name, expression, half, ...run }) => {
  const ours = halves[name]
  if (ours === undefined) throw new Error(`halves.ts has no row '${name}'`)
  const { init, update } = ours(half) as unknown as Driven
  const array = (numbers: readonly number[]): NdArray => ndarray(numbers, [numbers.length], half)
  let params = array(data.params)
  let state = init(params)
  let worst = 0
  data.gradients.forEach((gradient, step) => {
    const expected = run[half][step] as readonly number[]
    const [updates, next] = update(array(gradient), state, params)
    expect(updates.dtype).toBe(half)
    const scale = Math.max(...expected.map(Math.abs))
    numbersOf(updates).forEach((found, i) => {
      worst = Math.max(worst, Math.abs(found - (expected[i] as number)) / scale)
    })
    params = applyUpdates(params, array(expected)) as NdArray
    state = next
  })
  const units = worst / UNIT[half]
  rows.push({ name, expression, ours: texts.get(name)?.text ?? '', dtype: half, relative: worst, ulps: units })
  expect(units).toBeLessThanOrEqual(UNITS)
})
