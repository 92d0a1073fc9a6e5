import { type AnyGradientTransformation, chain } from '@gradchain/core'
import { scaleByInitialSnr, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectParams } from '../../transforms/src/internal/testing/rules.js'
import { sgdSaI } from './sgdSaI.js'

interface Options {
  readonly momentum?: number
  readonly eps?: number
}
const part = ({ momentum = 0.9, eps = 1e-8 }: Options = {}): AnyGradientTransformation =>
  chain(scaleByInitialSnr({ eps }), trace(momentum, { dampening: momentum }))

describe('sgdSaI', () => {
  decayedPartLaws('sgdSaI', sgdSaI, part, fc.record({ momentum: aDecay, eps: anEps }), 0.01)

  test('is a mean of gradients, times the ratio of the first', () => {
    expectParams(sgdSaI(0.05, { momentum: 0.7, eps: 0.1, weightDecay: 0.3 }), (start) => {
      let p = [...start]
      let m: readonly number[] = []
      let s = 0
      return (g, t) => {
        if (t === 1) {
          const mean = g.reduce((sum, x) => sum + x, 0) / g.length
          const variance = g.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (g.length - 1)
          s = Math.hypot(...g) / (Math.sqrt(variance) + 0.1)
          m = g
        } else {
          m = m.map((x, i) => 0.7 * x + 0.3 * (g[i] as number))
        }
        p = p.map((x, i) => x - 0.05 * (s * (m[i] as number) + 0.3 * x))
        return p
      }
    })
  })

  refuses([
    ['sgdSaI: momentum must be in [0, 1), got 1', () => sgdSaI(0.1, { momentum: 1 })],
    ['scaleByInitialSnr: eps must be a finite number ≥ 0, got -1', () => sgdSaI(0.1, { eps: -1 })]
  ])
})
