import { chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distance, matrices } from '../internal/testing.js'
import { scaleByMuon } from './scaleByMuon.js'
import { type ScaleByMuonRmsOptions, scaleByMuonRms } from './scaleByMuonRms.js'

const sane = matrices.filter(({ data }) => data.every((x) => x === 0 || (Math.abs(x) > 1e-3 && Math.abs(x) < 1e3)))

/** The definition once more, for one matrix and all of its gradients. */
const defined = (
  history: readonly Float64Array[],
  rows: number,
  columns: number,
  { per = 'output', b2 = 0.95, eps = 1e-8, debias = false, rms = 0.2 }: ScaleByMuonRmsOptions
): number[] => {
  const v = new Array<number>(rows * columns).fill(0)
  let out: number[] = []
  history.forEach((u, t) => {
    for (const k of v.keys()) {
      const column = k % columns
      const squares = Array.from({ length: rows }, (_, i) => (u[i * columns + column] as number) ** 2)
      const mean = per === 'element' ? (u[k] as number) ** 2 : squares.reduce((a, b) => a + b) / rows
      v[k] = b2 * (v[k] as number) + (1 - b2) * mean
    }
    const d = Array.from(u, (x, k) => x / (Math.sqrt((v[k] as number) / (debias ? 1 - b2 ** (t + 1) : 1)) + eps))
    const length = Math.sqrt(d.reduce((total, x) => total + x * x, 0))
    out = rms === null ? d : d.map((x) => (rms * Math.sqrt(rows * columns) * x) / (length + eps))
  })
  return out
}

test.each<ScaleByMuonRmsOptions>([
  {},
  { per: 'element', b2: 0.5 },
  { debias: true, rms: null, eps: 0.1 },
  { per: 'element', debias: true, rms: 3, b2: 0 }
])('agrees with its definition: %o', (options) => {
  fc.assert(
    fc.property(sane, sane, (first, last) => {
      const { rows, columns } = first
      const other = Float64Array.from(first.data, (x, i) => x + (last.data[i % last.data.length] as number))
      const tx = scaleByMuonRms(options)
      let state = tx.init({ w: ndarray(first.data, [rows, columns]) })
      let found: ArrayLike<number> = []
      for (const data of [first.data, other]) {
        const g = { w: ndarray(data, [rows, columns]) }
        const [u, next] = tx.update(g, state, g)
        found = u.w.data
        state = next
      }
      const wanted = defined([first.data, other], rows, columns, options)
      expect(distance(found, wanted) / Math.max(1, ...wanted.map(Math.abs))).toBeLessThan(1e-12)
    })
  )
})

test('a mean square for each output is kept, whatever the axes', () => {
  const params = { w: ndarray(new Float32Array(24), [2, 3, 4]) }
  const tx = scaleByMuonRms({ weightDimensionNumbers: { reductionAxis: [0, 2], outputAxis: 1 } })
  expect(tx.init(params).nu).toStrictEqual({ w: ndarray(new Float32Array(3), [1, 3, 1]) })
  const g = {
    w: ndarray(
      Float32Array.from({ length: 24 }, (_, k) => k - 11),
      [2, 3, 4]
    )
  }
  const [u] = tx.update(g, tx.init(params), params)
  const squares = [0, 1, 2].map((j) =>
    [0, 12].reduce((total, at) => {
      const outputs = u.w.data.slice(at + 4 * j, at + 4 * j + 4)
      return total + outputs.reduce((part, x) => part + x * x, 0)
    }, 0)
  )
  // All outputs have the same length at the first step: √(0.2² · 24 / 3).
  expect(distance(squares, [0.32, 0.32, 0.32])).toBeLessThan(1e-6)
})

test('after Muon a matrix of 12 × 3 has outputs of one length, and rms 0.2', () => {
  const g = {
    w: ndarray(
      Float64Array.from({ length: 36 }, (_, k) => Math.sin(k * k)),
      [3, 12]
    )
  }
  const tx = chain(scaleByMuon(), scaleByMuonRms())
  const [u] = tx.update(g, tx.init(g), g)
  const lengths = Array.from({ length: 12 }, (_, j) =>
    Math.hypot(...[0, 1, 2].map((i) => u.w.data[12 * i + j] as number))
  )
  expect(distance(lengths, Array(12).fill(0.2 * Math.sqrt(3)))).toBeLessThan(1e-6)
})

test('zeros stay zeros, and so do no elements', () => {
  const g = { w: ndarray(new Float32Array(4), [2, 2]), none: ndarray(new Float32Array(0), [0, 3]) }
  const tx = scaleByMuonRms()
  const [u, state] = tx.update(g, tx.init(g), g)
  expect(u).toStrictEqual(g)
  expect(state.nu).toStrictEqual({ w: ndarray([0, 0], [1, 2]), none: ndarray([0, 0, 0], [1, 3]) })
})

test.each<readonly [ScaleByMuonRmsOptions, string]>([
  [{ per: 'row' as never }, 'scaleByMuonRms: per must be one of "output", "element", got "row"'],
  [{ b2: 1 }, 'scaleByMuonRms: b2 must be in [0, 1), got 1'],
  [{ eps: 0 }, 'scaleByMuonRms: eps must be a finite number > 0, got 0'],
  [{ rms: 0 }, 'scaleByMuonRms: rms must be a finite number > 0 or null, got 0']
])('refuses %o', (options, message) => {
  expect(() => scaleByMuonRms(options)).toThrow(message)
})
