import {
  type AnyGradientTransformation,
  check,
  inUnitInterval,
  positiveInteger,
  required,
  withDefaults
} from '@gradchain/core'
import { type FitLoopOptions, fitLoop, type LoopCallback } from './fitLoop.js'

/** What {@link overfitOneBatch} is given. */
export interface OverfitOneBatchOptions<T extends AnyGradientTransformation, P> {
  /** The optimizer. */
  readonly optimizer: FitLoopOptions<T, P, null, never, never>['optimizer']
  /** The params to start from. */
  readonly params: P
  /** The loss of the batch, a number ≥ 0, and its gradients. */
  readonly valueAndGrad: (params: P) => readonly [value: number, gradients: unknown]
  /** How many steps there are, a whole number ≥ 1. @defaultValue `1000` */
  readonly steps?: number | undefined
  /** What share of the first loss may be left, in `[0, 1)`. @defaultValue `0.01` */
  readonly share?: number | undefined
}

/** What {@link overfitOneBatch} found. */
export interface OverfittedBatch<P> {
  /** Whether the loss fell to the share of the first that may be left. */
  readonly succeeded: boolean
  /** How many steps were taken. */
  readonly steps: number
  /** The loss before each of them. */
  readonly losses: readonly number[]
  /** The params after the last. */
  readonly params: P
}

/**
 * Trains on one batch alone, which a model with enough params must fit: where it does not, the loss, the gradients or the
 * optimizer is wrong, whatever the data.
 *
 *     succeeded: a loss ≤ share · the first, within so many steps
 *
 * @example
 * const found = overfitOneBatch({
 *   optimizer: adam(0.1),
 *   params: { w: 3 },
 *   valueAndGrad: ({ w }) => [(w - 1) ** 2, { w: 2 * (w - 1) }]
 * })
 * found.succeeded // => true
 * const broken = overfitOneBatch({
 *   optimizer: adam(0.1),
 *   params: { w: 3 },
 *   // A sign is wrong.
 *   valueAndGrad: ({ w }) => [(w - 1) ** 2, { w: -2 * (w - 1) }],
 *   steps: 100
 * })
 * broken.succeeded // => false
 *
 * @throws InvalidOption when an option is missing or outside its range.
 * @see checkGradients, which says which gradient is wrong
 */
export const overfitOneBatch = <T extends AnyGradientTransformation, P>(
  options: OverfitOneBatchOptions<T, P>
): OverfittedBatch<P> => {
  const given = withDefaults<Required<OverfitOneBatchOptions<T, P>>>('overfitOneBatch', options, {
    optimizer: required,
    params: required,
    valueAndGrad: required,
    steps: 1000,
    share: 0.01
  })
  const { optimizer, params, valueAndGrad } = given
  const [steps, share] = [given.steps as number, given.share as number]
  check('overfitOneBatch', { steps }, positiveInteger)
  check('overfitOneBatch', { share }, inUnitInterval)

  const fits: LoopCallback<Seen, { readonly loss: number }> = {
    init: { first: NaN, last: NaN },
    update: ({ first }, { loss }) => ({ first: Number.isNaN(first) ? loss : first, last: loss }),
    shouldStop: ({ first, last }) => last <= share * first
  }
  const fitted = fitLoop<T, P, null, { readonly loss: number }, { readonly fits: typeof fits }>({
    optimizer,
    params,
    batches: Array.from({ length: steps }, () => null),
    valueAndGrad,
    callbacks: { fits }
  })
  return {
    succeeded: fitted.stoppedBy === 'fits',
    steps: fitted.steps,
    losses: fitted.history.map(({ loss }) => loss),
    params: fitted.params
  }
}

interface Seen {
  readonly first: number
  readonly last: number
}
