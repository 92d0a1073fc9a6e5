import { readFileSync } from 'node:fs'
import { scaleByProdigy } from '@gradchain/transforms'
import {
  type AnyGradientTransformation,
  adam,
  chain,
  hypergradient,
  type PrivatePhase,
  privacySpent,
  scale,
  sgd,
  step
} from 'gradchain'
import { describe, expect, test } from 'vitest'

interface Authors {
  readonly hypergradient: Readonly<Record<'sgd' | 'momentum' | 'adam', readonly HypergradientStep[]>>
  readonly accountant: readonly Spent[]
  readonly prodigy: readonly { readonly grads: Leaves; readonly params: Leaves }[]
}
interface HypergradientStep {
  readonly w: readonly number[]
  readonly learningRate: number
}
interface Spent {
  readonly phases: readonly PrivatePhase[]
  readonly delta: number
  readonly epsilon: number
  readonly order: number
}
interface Leaves {
  readonly w: readonly number[]
  readonly b: readonly number[]
}
const authors = JSON.parse(readFileSync(new URL('./data/authors.json', import.meta.url), 'utf8')) as Authors

/** Ours for what the authors' optimizers are given: `generate_authors.py` has the same names. */
const inners = {
  sgd: () => sgd(1),
  momentum: () => sgd(1, { momentum: 0.9 }),
  adam: () => adam(1, { epsPlacement: 'hat' })
} satisfies Readonly<Record<string, () => AnyGradientTransformation>>

describe('hypergradient descent of its authors', () => {
  test.each(['sgd', 'momentum', 'adam'] as const)('%s', (name) => {
    const tx: AnyGradientTransformation = hypergradient(inners[name](), { learningRate: 0.02, hyperLearningRate: 1e-4 })
    let params = { w: Float64Array.of(1, -2, 0.5) }
    let state = tx.init(params)
    for (const { w, learningRate } of authors.hypergradient[name]) {
      ;[params, state] = step(tx, { w: params.w.map((x, i) => x * ([1, 3, 10][i] as number)) }, state, params)
      expect((state as { readonly learningRate: number }).learningRate).toBeCloseTo(learningRate, 14)
      for (const [i, x] of w.entries()) expect(params.w[i]).toBeCloseTo(x, 13)
    }
    expect(authors.hypergradient[name]).toHaveLength(8)
  })
})

test.each(authors.accountant)(
  'the accountant of Opacus: $phases with δ = $delta',
  ({ phases, delta, epsilon, order }) => {
    const found = privacySpent({ phases, delta })
    expect(Math.abs(found.epsilon / epsilon - 1)).toBeLessThan(1e-11)
    expect(found.order).toBe(order)
  }
)

test('Prodigy of the Optax to come, with a mask', () => {
  const options = { b1: 0.8, b2: 0.95, eps: 1e-3, estimLr0: 0.1, weightDecay: 0.1 }
  const tx = chain(scaleByProdigy(0.5, { ...options, weightDecayMask: { w: true, b: false } }), scale(-1))
  let params = { w: [4, -2], b: [3] }
  let state = tx.init(params)
  for (const { grads, params: wanted } of authors.prodigy) {
    ;[params, state] = step(tx, { w: [...grads.w], b: [...grads.b] }, state, params)
    for (const [i, x] of wanted.w.entries()) expect(params.w[i]).toBeCloseTo(x, 13)
    for (const [i, x] of wanted.b.entries()) expect(params.b[i]).toBeCloseTo(x, 13)
  }
  expect(authors.prodigy).toHaveLength(3)
})
