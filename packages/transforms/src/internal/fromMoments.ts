import {
  biasCorrection,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  type Operand,
  transformation,
  updateMoment,
  type Value
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScaleByAdamState } from '../moments/scaleByAdam.js'
import { dtypeOption } from './dtypeOption.js'
import { emitLike } from './emitLike.js'

/** How the two moments are kept. */
interface Kept {
  readonly b1: number
  readonly b2: number
  readonly muDtype: DType | undefined
  readonly nuDtype: DType | undefined
}

/** The update of an element, out of its gradient and both moments, which are made up for their start. */
type Emit = (g: Operand, mean: Value, meanSquare: Value, count: number) => Operand

/** What keeps the two moments of Adam and makes its own of them. */
export const fromMoments = (
  owner: string,
  { b1, b2, muDtype, nuDtype }: Kept,
  emit: Emit
): GradientTransformation<ScaleByAdamState> => {
  check(owner, { b1, b2 }, inUnitInterval)
  check(owner, { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAdamState>({
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const emitted = tree.map(
        (g, m, v) => emitLike(emit(g, biasCorrection(m, b1, count), biasCorrection(v, b2, count), count), g),
        updates,
        mu,
        nu
      )
      return [emitted, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
