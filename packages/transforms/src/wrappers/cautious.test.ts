import { applyUpdates, chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import { aBlockCourse, emittedBlocks } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { type CautiousOptions, cautious } from './cautious.js'

const aNormalization = fc.constantFrom('share' as const, 'paper' as const, 'none' as const)

describe('cautious', () => {
  test('keeps what goes with the gradient, and makes up for the rest as it was told', () => {
    fc.assert(
      fc.property(aBlockCourse(), aNormalization, fc.boolean(), (course, normalize, descends) => {
        const inner = () => chain(trace(0.9), scale(descends ? -1 : 1))
        const plain = emittedBlocks(inner(), course)
        const found = emittedBlocks(cautious(inner(), { descends, normalize }), course)
        found.forEach((blocks, t) => {
          blocks.forEach((block, leaf) => {
            const gs = course.steps[t]?.grads[leaf] ?? []
            const vs = plain[t]?.[leaf] ?? []
            const isKept = vs.map((v, i) => Math.sign(v) * Math.sign(gs[i] as number) === (descends ? -1 : 1))
            const k = isKept.filter((kept) => kept).length
            const by = { share: Math.max(k / vs.length, 1e-3), paper: (k + 1) / vs.length, none: 1 }[normalize]
            block.forEach((u, i) => {
              const wanted = isKept[i] ? (vs[i] as number) / by : 0
              expect(Math.abs(u - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted))
            })
          })
        })
      })
    )
  })

  // timm 1.0.29, AdamWLegacy(caution=True): the params after steps 1, 2 and 10.
  test('around scaleByAdam it is what timm gives', () => {
    const tx = chain(cautious(scaleByAdam(), { descends: false }), addDecayedWeights(0.01), scaleByLearningRate(1e-3))
    let params = {
      s: Float64Array.of(1),
      m: ndarray(
        Float64Array.from({ length: 12 }, (_, k) => 0.5 + 0.1 * k),
        [4, 3]
      )
    }
    let state = tx.init(params)
    const seen: number[][] = []
    for (let t = 1; t <= 10; t++) {
      const gradients = {
        s: Float64Array.of(0.5 * Math.cos(t)),
        m: ndarray(
          Float64Array.from({ length: 12 }, (_, k) => 0.5 * Math.cos(t + 0.3 * k)),
          [4, 3]
        )
      }
      const [updates, next] = tx.update(gradients, state, params)
      params = applyUpdates(params, updates)
      state = next
      seen.push([params.s[0] as number, params.m.data[0] as number, params.m.data[11] as number])
    }
    const wanted = [
      [0.99899000003702, 0.498995000037, 1.60098399995],
      [0.99898001013702, 0.498990010087, 1.600715160428],
      [1.0001783620416, 0.50083125573, 1.598368273977]
    ]
    for (const [i, t] of [0, 1, 9].entries()) {
      seen[t]?.forEach((x, j) => {
        expect(x).toBeCloseTo(wanted[i]?.[j] as number, 11)
      })
    }
  })

  const make = (options: object) => () => cautious(scale(-1), options as CautiousOptions)
  refuses([
    ['cautious: descends must be true or false, got 1', make({ descends: 1 })],
    ['cautious: normalize must be one of "share", "paper", "none", got true', make({ normalize: true })]
  ])
})
