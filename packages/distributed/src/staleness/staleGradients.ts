import {
  type AnyGradientTransformation,
  castLike,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  nonNegativeInteger,
  oneOf,
  required,
  type StateOf,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import type { StalenessExtra } from './scaleByStaleness.js'

/** Options of {@link staleGradients}. */
export interface StaleGradientsOptions {
  /** By how many updates gradients come late, at the most, a whole number ≥ 0: of n workers of one speed it is n − 1. */
  readonly delay: number
  /** Whether every gradient comes late by `delay`, or each by any number up to it, one as likely as another. @defaultValue `'constant'` */
  readonly distribution?: 'constant' | 'uniform'
  /** Where random delays come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
}

/** State of {@link staleGradients}. */
export interface StaleGradientsState<Inner> {
  /** The last gradients, the youngest first, as many as the delay; shaped like the params. */
  readonly past: readonly Tree[]
  /** How many gradients came so far. */
  readonly count: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Gives the inner transformation the gradients of some updates ago, as asynchronous workers would: a simulation, of what late gradients do to an
 * optimizer.
 *
 * For the gradient gₜ at step t = 0, 1, … and a delay τₜ, which is `delay`, or drawn from 0 … `delay`:
 *
 *     τ = min(τₜ, t)          at first all workers have the params that training starts from
 *     u = inner(gₜ₋τ)         with τ as the extra argument `staleness`
 *
 * A draw depends on the key and the step alone. The inner transformation sees the params at hand, as a server does that applies what comes in. Put
 * {@link scaleByStaleness} inside for rates that are smaller for gradients that are older.
 *
 * Laws: with a delay of 0 it is `inner`, with a staleness of 0; a constant delay around the identity gives the gradients later, each
 * unchanged, and the first `delay` times the first one.
 *
 * @example
 * const tx = staleGradients(scale(-1), { delay: 2 })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * const emitted: number[] = []
 * for (const w of [1, 2, 3, 4]) {
 *   const [updates, next] = tx.update({ w }, state, params)
 *   state = next
 *   emitted.push(updates.w)
 * }
 * emitted // => [-1, -1, -1, -2]
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Agarwal and Duchi (2011), Distributed Delayed Stochastic Optimization, {@link https://arxiv.org/abs/1104.5525}
 * @see simulateAsync, which has workers of different speeds, each with a gradient of its own.
 */
export const staleGradients = <T extends AnyGradientTransformation>(
  inner: T,
  options: StaleGradientsOptions
): GradientTransformation<StaleGradientsState<StateOf<T>>, Without<ExtraOf<T>, StalenessExtra>> => {
  const { init, update } = definitionOf('staleGradients', inner)
  const { delay, distribution, key } = withDefaults<Required<StaleGradientsOptions>>('staleGradients', options, {
    delay: required,
    distribution: 'constant',
    key: 0
  })
  check('staleGradients', { delay }, nonNegativeInteger)
  check('staleGradients', { distribution }, oneOf('constant', 'uniform'))
  check('staleGradients', { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key

  /** By how many updates the gradient of a step comes late. */
  const delayAt = (step: number): number => {
    if (distribution === 'constant') return delay
    const [drawn] = random.uniform(random.foldIn(first, step), [1]).data
    return Math.floor((drawn as number) * (delay + 1))
  }

  return transformation<StaleGradientsState<StateOf<T>>, Without<ExtraOf<T>, StalenessExtra>>({
    origin: ['staleGradients', inner, { ...options }],
    init: (params) => ({
      past: Array.from({ length: delay }, () => tree.zerosLike(tree.widen(params))),
      count: 0,
      innerState: init(params) as StateOf<T>
    }),
    update: (updates, { past, count, innerState }, params, extra) => {
      const staleness = Math.min(delayAt(count), count)
      const late = staleness === 0 ? updates : tree.castLike(past[staleness - 1] as Tree, updates)
      const [transformed, next] = update(late, innerState, params, {
        ...(extra as object | undefined),
        staleness
      } as ExtraOf<T>)
      const kept = past.length === 0 ? [] : [tree.map(castLike, updates, past[0] as Tree), ...past.slice(0, -1)]
      return [transformed, { past: kept, count: count + 1, innerState: next as StateOf<T> }]
    }
  })
}

/** What is left to give when someone gives `Given`. */
type Without<Extra, Given> = unknown extends Extra ? unknown : Omit<Extra, keyof Given>
