import { chain, identity, ndarray, step } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import {
  aBlockCourse,
  type BlockCourse,
  emittedBlocks,
  expectBlockOracle,
  expectSameBlocks,
  normOf,
  perUnit,
  type Shape
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type ProjectRadialOptions, projectRadial } from './projectRadial.js'

const EPS = 1e-8

const unitAxes = (shape: readonly number[], rows: boolean) => shape.map((_, axis) => axis).slice(rows ? 1 : 0)

/** Whether vectors are across one another, and the part of w that is across p, for rows or for the whole. */
const viewOf = (
  shape: readonly number[],
  rows: boolean,
  g: readonly number[],
  p: readonly number[],
  w: readonly number[],
  delta: number
) => {
  const axes = unitAxes(shape, rows)
  const total = (x: readonly number[]) => perUnit(x, shape, axes, (unit) => unit.reduce((a, b) => a + b, 0))
  const length = (x: readonly number[]) => perUnit(x, shape, axes, normOf)
  const [gs, ps] = [length(g), length(p)]
  const cosines = total(
    g.map((x, i) => (x * (p[i] as number)) / Math.max(gs[i] as number, EPS) / Math.max(ps[i] as number, EPS))
  )
  const count = p.length / (rows ? (shape[0] as number) : 1)
  const direction = p.map((x, i) => x / ((ps[i] as number) + EPS))
  const share = total(direction.map((x, i) => x * (w[i] as number)))
  return {
    isBlind: Math.max(...cosines.map(Math.abs)) < delta / Math.sqrt(count),
    across: w.map((x, i) => x - (direction[i] as number) * (share[i] as number)),
    // How near it is to the edge, where a rounding decides.
    edge: Math.abs(Math.max(...cosines.map(Math.abs)) - delta / Math.sqrt(count))
  }
}

const projected = (shape: Shape, g: readonly number[], p: readonly number[], w: readonly number[], delta: number) => {
  if (shape === null || shape.length < 2 || p.length === 0) return { u: w, isBlind: false, edge: 1 }
  const views = [true, false].map((rows) => viewOf(shape, rows, g, p, w, delta))
  const first = views.find(({ isBlind }) => isBlind)
  const edge = Math.min(...views.map((view) => view.edge))
  return { u: first?.across ?? w, isBlind: first !== undefined, edge }
}

/** A course of gradients nearly across the params: what is along them is made smaller. */
const across = (course: BlockCourse, share: number): BlockCourse => ({
  ...course,
  steps: course.steps.map((s) => ({
    ...s,
    grads: s.grads.map((g, leaf) => {
      const p = s.params[leaf] ?? []
      const squared = p.reduce((a, x) => a + x * x, 0)
      const along = squared === 0 ? 0 : g.reduce((a, x, i) => a + x * (p[i] as number), 0) / squared
      return g.map((x, i) => x - share * along * (p[i] as number))
    })
  }))
})

const aDelta = fc.constantFrom(0, 0.1, 0.5, 2, 100)
const aShare = fc.constantFrom(0, 0.9, 1)

describe('projectRadial', () => {
  test('takes out of the update what is along the params, where the gradient is nearly across them', () => {
    fc.assert(
      fc.property(aBlockCourse(), aDelta, aShare, fc.constantFrom(0, 0.5), (given, delta, share, weightDecay) => {
        const course = across(given, share)
        const momenta = (leaf: number, t: number, i: number) =>
          course.steps.slice(0, t).reduce((m, s) => 0.5 * m + (s.grads[leaf]?.[i] as number), 0)
        const onEdge = course.steps.some((s) =>
          course.shapes.some((shape, leaf) => {
            const [g, p] = [s.grads[leaf] ?? [], s.params[leaf] ?? []]
            return projected(shape, g, p, g, delta).edge < 1e-6
          })
        )
        fc.pre(!onEdge)
        expectBlockOracle(
          projectRadial(trace(0.5), { delta, weightDecay, wdRatio: 0.25 }),
          course,
          (steps, shapes) =>
            shapes.map((shape, leaf) => {
              const s = steps.at(-1)
              const [g, p] = [s?.grads[leaf] ?? [], s?.params[leaf] ?? []]
              const w = g.map((_, i) => momenta(leaf, steps.length, i))
              const { u, isBlind } = projected(shape, g, p, w, delta)
              return u.map((x, i) => x + (isBlind ? 0.25 : 1) * weightDecay * (p[i] as number))
            }),
          {
            in32: false,
            sizes: (steps, shapes) =>
              shapes.map((_, leaf) => {
                const s = steps.at(-1)
                const w = (s?.grads[leaf] ?? []).map((_x, i) => momenta(leaf, steps.length, i))
                return w.map((_x, i) => normOf(w) + Math.abs(s?.params[leaf]?.[i] as number))
              })
          }
        )
      })
    )
  })

  test('with a delta of 0 it is inner and its weight decay', () => {
    const falling = linearSchedule({ initValue: 0.5, endValue: 0, transitionSteps: 4 })
    fc.assert(
      fc.property(aBlockCourse(), fc.boolean(), (course, mask) =>
        expectSameBlocks(
          projectRadial(trace(0.9), { delta: 0, weightDecay: falling, mask }),
          chain(trace(0.9), addDecayedWeights(falling, { mask })),
          course
        )
      )
    )
  })

  test('never lengthens without a decay, and is odd where inner is', () => {
    fc.assert(
      fc.property(aBlockCourse(), aDelta, (course, delta) => {
        const plain = emittedBlocks(trace(0.9), course)
        emittedBlocks(projectRadial(trace(0.9), { delta }), course).forEach((blocks, t) => {
          blocks.forEach((u, leaf) => {
            expect(normOf(u)).toBeLessThanOrEqual((1 + 1e-12) * normOf(plain[t]?.[leaf] ?? []))
          })
        })
        const tx = projectRadial(scaleByAdam(), { delta })
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  // timm 1.0.29, AdamP(lr=0.1): a row of params and a gradient across it but for a thousandth.
  test.each([
    [0, 0.99999999800002],
    [0.1, 0.99899999800002]
  ])('of rows it is what timm gives, with a decay of %s', (weightDecay, first) => {
    const tx = chain(projectRadial(scaleByAdam(), { weightDecay }), scale(-0.1))
    const row = (...numbers: number[]) => ndarray(Float64Array.from(numbers), [1, 4])
    const params = row(1, 0, 0, 0)
    const [next] = step(tx, row(0.001, 1, 0.5, -0.5), tx.init(params), params)
    const wanted = [first, -0.099999999, -0.099999998, 0.099999998]
    next.data.forEach((x, i) => {
      expect(Math.abs(x - (wanted[i] as number))).toBeLessThan(1e-14)
    })
  })

  wrapperLaws('projectRadial', (inner) => projectRadial(inner, { weightDecay: 0.5 }))

  const make = (options: object) => () => projectRadial(identity(), options as ProjectRadialOptions)
  refuses([
    ['projectRadial: delta must be a finite number ≥ 0, got -1', make({ delta: -1 })],
    ['projectRadial: wdRatio must be a finite number ≥ 0, got NaN', make({ wdRatio: Number.NaN })],
    ['projectRadial: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    ['projectRadial: weightDecay must be a finite number or a schedule, got null', make({ weightDecay: null })],
    ['projectRadial: mask.w must be true or false, got 1', make({ mask: { w: 1 } })]
  ])
})
