import type { Operand } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logSoftmax } from '../classification/logSoftmax.js'
import {
  batch,
  bendOf,
  countingOf,
  elementsOf,
  isNear,
  matrixOf,
  normalised,
  slopesOf
} from '../internal/lossTesting.js'
import { convexKlDivergence } from './convexKlDivergence.js'
import { generalizedKlDivergence } from './generalizedKlDivergence.js'
import { klDivergence } from './klDivergence.js'
import { klDivergenceWithLogTargets } from './klDivergenceWithLogTargets.js'

const all = { klDivergence, klDivergenceWithLogTargets, generalizedKlDivergence, convexKlDivergence }

describe.each(Object.entries(all))('%s', (owner, divergence) => {
  const targetsOf = (row: readonly number[]) => (owner.endsWith('Targets') ? row.map((t) => Math.log(t)) : row)

  test('of probabilities is ≥ 0, and 0 of what is the same', () => {
    fc.assert(
      fc.property(batch, ({ x, y }) => {
        const targets = matrixOf(y.map(targetsOf))
        const found = elementsOf(divergence(logSoftmax(matrixOf(x)), targets))
        const same = elementsOf(divergence(matrixOf(y.map((row) => row.map((t) => Math.log(t)))), targets))
        const expected = y.map((row, i) => {
          const logs = elementsOf(logSoftmax(Float64Array.from(x[i] as readonly number[])))
          return row.reduce((total, t, j) => total + (t === 0 ? 0 : t * (Math.log(t) - (logs[j] as number))), 0)
        })
        return (
          isNear(expected, found) &&
          found.every((d) => d >= -1e-14) &&
          isNear(
            y.map(() => 0),
            same
          )
        )
      })
    )
  })

  test('of elements that do not count is that of the others, with no slope by them', () => {
    fc.assert(
      fc.property(batch, ({ x, y, mask }) => {
        const hide = (rows: readonly (readonly number[])[]) =>
          matrixOf(rows.map((row, i) => row.map((n, j) => (mask[i]?.[j] === 1 ? n : NaN))))
        const [logs, targets, where] = [hide(x), hide(y.map(targetsOf)), matrixOf(mask)]
        const found = elementsOf(divergence(logs, targets, { where }))
        const expected = x.map((row, i) => {
          const parts = [row, targetsOf(y[i] as readonly number[])].map((part) =>
            Float64Array.from(countingOf(part, mask[i]))
          )
          return elementsOf(divergence(parts[0] as Float64Array, parts[1] as Float64Array))[0] as number
        })
        const slopes = slopesOf((p) => divergence(p, targets, { where }), logs)
        return isNear(expected, found) && slopes.every((g, i) => where.data[i] === 1 || g === 0)
      })
    )
  })

  test('a target of 0 adds nothing but, generalized, what is predicted; values and slopes are finite', () => {
    const logs = Float64Array.of(-1, Math.log(0.5), -Infinity)
    const targets = Float64Array.from(targetsOf([0, 1, 0]))
    const [found] = elementsOf(divergence(logs, targets))
    expect(found).toBeCloseTo(/eneralized|convex/.test(owner) ? Math.LN2 + Math.exp(-1) - 0.5 : Math.LN2, 14)
    expect(slopesOf((p) => divergence(p, targets), logs).every(Number.isFinite)).toBe(true)
    expect(slopesOf((t) => divergence(logs, t), targets).every(Number.isFinite)).toBe(true)
    const along = Float64Array.of(1, 1, 1)
    expect(bendOf((t) => divergence(logs, t), targets, along).every(Number.isFinite)).toBe(true)
  })

  test('refuses arrays of different shapes, and axes that there are not', () => {
    expect(() => divergence(new Float64Array(2), new Float64Array(3))).toThrow(
      /argets has shape \[3\], logPredictions has \[2\]$/
    )
    expect(() => divergence(new Float64Array(2), new Float64Array(2), { axis: 1 })).toThrow(
      'axis must be a whole number from -1 to 0'
    )
  })
})

test('the gradient of klDivergence by log p is −t, that of generalizedKlDivergence p − t', () => {
  fc.assert(
    fc.property(batch, ({ x, y }) => {
      const logs = matrixOf(x.map((row) => normalised(row.map((n) => n + 21)).map((p) => Math.log(p))))
      const of = (divergence: typeof klDivergence) => slopesOf((p: Operand) => divergence(p, matrixOf(y)), logs)
      const t = y.flat()
      return (
        isNear(
          t.map((n) => -n),
          of(klDivergence),
          0
        ) &&
        isNear(
          t.map((n, i) => Math.exp(logs.data[i] as number) - n),
          of(generalizedKlDivergence)
        )
      )
    })
  )
})

test('the gradient of klDivergence by t is log t − log p + 1', () => {
  const [logs, t] = [Float64Array.of(-1, -2), Float64Array.of(0.25, 0.75)]
  const expected = [Math.log(0.25) + 2, Math.log(0.75) + 3]
  expect(
    isNear(
      expected,
      slopesOf((targets) => klDivergence(logs, targets), t)
    )
  ).toBe(true)
})
