import { readFileSync } from 'node:fs'
import { type ScaleByKronOptions, scaleByKron } from '@gradchain/matrix'
import { ndarray } from 'gradchain'
import { expect, test } from 'vitest'

interface Case {
  readonly name: string
  readonly shape: readonly number[]
  readonly updates: readonly (readonly number[])[]
}
const { cases } = JSON.parse(readFileSync(new URL('./data/kron.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[]
}

const numbers = (seed: number, shape: readonly number[]) =>
  ndarray(
    Float64Array.from(
      { length: shape.reduce((n, length) => n * length, 1) },
      (_, k) => Math.cos(3 * seed + k * k) + 0.1 * k
    ),
    shape
  )

/** Ours for what timm is given: `generate_kron.py` has the same names. */
const options: Readonly<Record<string, Partial<ScaleByKronOptions>>> = {
  matrix: {},
  'matrix, balanced': { balanceProbability: 1, precondInitScale: 3 },
  'matrix, from raw gradients': { momentumIntoPrecondUpdate: false, b1: 0.5 },
  'matrix, one diagonal': { memorySaveMode: 'oneDiag' },
  'matrix, smart with equal sides': { memorySaveMode: 'smartOneDiag' },
  'matrix, smart': { memorySaveMode: 'smartOneDiag' },
  'matrix, all diagonal': { memorySaveMode: 'allDiag' },
  'matrix, a long axis': { maxSizeTriangular: 4, precondLr: 0.3 },
  'every third step': { preconditionerUpdateProbability: 0.34 },
  convolution: {},
  vector: {},
  'vector, triangular': { minNdimTriangular: 1 },
  number: {}
}

test('every case has its options', () => {
  expect(Object.keys(options)).toStrictEqual(cases.map(({ name }) => name))
})

test.each(cases)('the updates of timm at every step: $name', ({ name, shape, updates }) => {
  const sampler: NonNullable<ScaleByKronOptions['sampler']> = (_, lengths) => numbers(0.25, lengths)
  const tx = scaleByKron({ key: 0, balanceProbability: 0, sampler, ...options[name] })
  const params = { w: ndarray(new Float64Array(numbers(0, shape).data.length), shape) }
  let state = tx.init(params)
  updates.forEach((wanted, step) => {
    const [u, next] = tx.update({ w: numbers(step + 1, shape) }, state, params)
    state = next
    // timm's is the difference of params.
    wanted.forEach((x, i) => expect(Math.abs((u.w.data[i] as number) - x)).toBeLessThan(1e-12))
  })
})
