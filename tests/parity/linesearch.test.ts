import { readFileSync } from 'node:fs'
import { step, valueAndGrad } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { problems, searches, searchIn } from './linesearch.js'

type Numbers = Readonly<Record<string, readonly number[]>>
interface Run {
  readonly name: string
  readonly expression: string
  readonly problem: string
  readonly steps: readonly {
    readonly params: Numbers
    readonly learningRate: number
    readonly value: number
    readonly info: readonly number[]
  }[]
}
type Data = Readonly<Record<'float64' | 'float32', readonly Run[]>> & {
  readonly starts: Readonly<Record<string, Numbers>>
}
const data = JSON.parse(readFileSync(new URL('./data/linesearch.json', import.meta.url), 'utf8')) as Data

/**
 * How far from Optax params and rates may be, relative to the largest. Rounding differs in the last bit, and grows from step to step: where
 * a search divides differences of losses, by as much as these have lost.
 */
const TOLERANCE = { float64: 1e-6, float32: 2e-3 }

/** After how many steps ours goes elsewhere, and means to: uphill Optax goes on, and we stay. */
const PART: Readonly<Record<string, number>> = {
  // The last pair has no curvature of Wolfe, and the direction points uphill.
  'lbfgs/backtracking on rosenbrock': 8,
  // So does the momentum.
  'backtracking/all on beale': 9,
  // The minimum is reached, and what is left are rounding errors.
  'lbfgs on variably_dimensioned': 20
}

type Params = Readonly<Record<string, Float64Array | Float32Array>>
type Loose = (...given: readonly unknown[]) => readonly [Params, unknown]

test('every row has its data', () => {
  const names = [...new Set(data.float64.map(({ name }) => name))]
  expect(Object.keys(searches).sort()).toEqual(names.sort())
  expect(Object.keys(problems).sort()).toEqual(Object.keys(data.starts).sort())
})

const near = (found: number, wanted: number, tolerance: number, scale = 1): void =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(tolerance * Math.max(scale, Math.abs(wanted)))

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  const array = (numbers: readonly number[]) => (dtype === 'float64' ? Float64Array : Float32Array).from(numbers)

  test.each(data[dtype])(
    '$expression on $problem: the params and the state of Optax',
    ({ name, expression, problem, steps }) => {
      const tx = searches[name]?.(expression) as ReturnType<(typeof searches)[string]>
      const valueFn = problems[problem] as (typeof problems)[string]
      const start = Object.entries(data.starts[problem] as Numbers)
      let params: Params = Object.fromEntries(start.map(([leaf, numbers]) => [leaf, array(numbers)]))
      let state = (tx.init as (params: unknown) => unknown)(params)
      const tolerance = TOLERANCE[dtype]
      for (const wanted of steps.slice(0, PART[`${name} on ${problem}`])) {
        const [value, grad] = valueAndGrad(valueFn)(params)
        ;[params, state] = (step as unknown as Loose)(tx, grad, state, params, { value, grad, valueFn })
        const found = searchIn(state)
        for (const [leaf, numbers] of Object.entries(wanted.params)) {
          numbers.forEach((x, i) => {
            near(params[leaf]?.[i] ?? Number.NaN, x, tolerance)
          })
        }
        near(found.learningRate, wanted.learningRate, tolerance, 0)
        near(found.value, wanted.value, tolerance)
        const info = Object.values(found.info)
        expect(info[0]).toBe(wanted.info[0])
        wanted.info.slice(1).forEach((error, i) => {
          near(info[i + 1] as number, error, tolerance)
        })
      }
    }
  )
})
