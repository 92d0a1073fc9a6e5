import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  mul,
  type Operand,
  type Requirement,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAggmo}. */
export interface ScaleByAggmoOptions {
  /** Decay rates β of the sums of past gradients, one or more, each in `[0, 1)`. @defaultValue `[0, 0.9, 0.99]` */
  readonly betas?: readonly number[]
  /** The dtype in which the sums are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByAggmo}. */
export interface ScaleByAggmoState {
  /** How many updates were seen. */
  readonly count: number
  /** For each decay rate a decaying sum v of past updates, shaped like the params. */
  readonly traces: readonly Tree[]
}

/**
 * The mean of several momenta that forget at different rates: aggregated momentum, without the learning rate. Those that forget soon
 * damp the swings of those that do not.
 *
 * Elementwise, for the update g at step t = 1, 2, … and the K rates β⁽ⁱ⁾ in betas, from v₀ = 0:
 *
 *     vₜ⁽ⁱ⁾ = β⁽ⁱ⁾ vₜ₋₁⁽ⁱ⁾ + g
 *     uₜ = Σ vₜ⁽ⁱ⁾ / K
 *
 * The authors choose 1 − 0.1ⁱ for i = 0, 1, …, K − 1.
 *
 * Laws: elementwise; linear in the history of gradients; with one rate it is {@link trace}; with rates that are all the same, too.
 *
 * @example
 * const tx = scaleByAggmo({ betas: [0, 0.5] })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 4 }
 * tx.update({ w: 4 }, state, params)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Lucas, Sun, Zemel and Grosse (2018), equation 3, {@link https://arxiv.org/abs/1804.00325}
 * @see trace
 */
export const scaleByAggmo = (options: ScaleByAggmoOptions = {}): GradientTransformation<ScaleByAggmoState> => {
  const { betas, accumulatorDtype } = withDefaults<Required<ScaleByAggmoOptions>>('scaleByAggmo', options, {
    betas: [0, 0.9, 0.99],
    accumulatorDtype: undefined
  })
  check('scaleByAggmo', { betas }, aList)
  betas.forEach((beta, i) => {
    check('scaleByAggmo', { [`betas[${i}]`]: beta }, inUnitInterval)
  })
  check('scaleByAggmo', { accumulatorDtype }, dtypeOption)
  const rates = [...betas]

  return transformation<ScaleByAggmoState>({
    origin: ['scaleByAggmo', { ...options }],
    init: (params) => ({ count: 0, traces: rates.map(() => tree.zerosLike(tree.widen(params), accumulatorDtype)) }),
    update: (updates, { count, traces }) => {
      const next = traces.map((kept, i) => tree.map((g, v) => add(mul(rates[i] as number, v), g), updates, kept))
      const mean = tree.map(
        (g: Operand, ...sums: Operand[]) => emitLike(mul(1 / rates.length, sums.reduce(add)), g),
        updates,
        ...next
      )
      return [mean, { count: count + 1, traces: next.map((v, i) => tree.castLike(v, traces[i] as Tree)) }]
    }
  })
}

const aList: Requirement = {
  what: 'a list of one or more numbers',
  holds: (value) => Array.isArray(value) && value.length > 0
}
