import {
  add,
  biasCorrection,
  boolean,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  norm,
  type Operand,
  oneOf,
  orNull,
  positive,
  shapeOf,
  sqrt,
  square,
  sum,
  type Tree,
  transformation,
  updateMoment,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { fansOf, type View, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced } from '../internal/mapPlaced.js'
import { spread } from '../internal/stacks.js'
import { someDimensionNumbers, viewsOfLeaves } from '../internal/views.js'

/** Options of {@link scaleByMuonRms}. */
export interface ScaleByMuonRmsOptions {
  /** What has a root mean square of its own: each `'output'`, a column of the matrix, or each `'element'`. @defaultValue `'output'` */
  readonly per?: 'output' | 'element'
  /** Decay rate β₂ of the mean squares, in `[0, 1)`. @defaultValue `0.95` */
  readonly b2?: number
  /** Added to the roots, and to the norm that rms divides by; finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether the mean squares are made up for their start at zero; of no consequence, but for eps, where rms is given. @defaultValue `false` */
  readonly debias?: boolean
  /** The root mean square that each matrix is brought to at the end, finite and > 0; `null` to leave it as it is. @defaultValue `0.2` */
  readonly rms?: number | null
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByMuonRms}. */
export interface ScaleByMuonRmsState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean squares v: of elements shaped like the params, of outputs with length 1 along the axes summed over. */
  readonly nu: Tree
}

/**
 * Divides what Muon has made orthogonal by a running root mean square, of each output neuron (NorMuon) or of each element (AdaMuon).
 *
 * For the matrix U of m × n at step t = 1, 2, …, from v₀ = 0:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) ⟨U²⟩             the mean over the rows of a column, or U² itself for elements
 *     D = U / (√vₜ + eps)                      √(vₜ / (1 − β₂ᵗ)) with debias
 *     uₜ = rms √(m n) D / (‖D‖ + eps)          D where rms is null
 *
 * An orthogonal matrix that is not square has outputs of unequal length; here all of them come to move alike. It stands after
 * {@link scaleByMuon}, in the place of {@link scaleByShape}: 0.2 is the root mean square of AdamW's updates.
 *
 * Laws: odd; the root mean square of an update is rms, up to eps; per element, the first update is rms times the signs.
 *
 * @example
 * const tx = scaleByMuonRms({ per: 'element', rms: 0.5 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([3, -1, 2, -8]), [2, 2]) }, tx.init(params), params)
 * u.w.data // => Float64Array [0.5000…, -0.4999…, 0.4999…, -0.5000…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init, InvalidTree for a leaf that is no matrix.
 * @see Li et al. (2025), algorithm 1, {@link https://arxiv.org/abs/2510.05491}; Si et al. (2025), {@link https://arxiv.org/abs/2507.11005}
 */
export const scaleByMuonRms = (options: ScaleByMuonRmsOptions = {}): GradientTransformation<ScaleByMuonRmsState> => {
  const { per, b2, eps, debias, rms, weightDimensionNumbers } = withDefaults<Required<ScaleByMuonRmsOptions>>(
    'scaleByMuonRms',
    options,
    { per: 'output', b2: 0.95, eps: 1e-8, debias: false, rms: 0.2, weightDimensionNumbers: undefined }
  )
  check('scaleByMuonRms', { per }, oneOf('output', 'element'))
  check('scaleByMuonRms', { b2 }, inUnitInterval)
  check('scaleByMuonRms', { eps }, positive)
  check('scaleByMuonRms', { debias }, boolean)
  check('scaleByMuonRms', { rms }, orNull(positive))
  check('scaleByMuonRms', { weightDimensionNumbers }, someDimensionNumbers)

  const meanOf = (squares: Operand, view: View): Operand => {
    if (per === 'element') return squares
    const [rows] = fansOf(view, shapeOf(squares))
    return div(sum(squares, view.reduction), Math.max(1, rows))
  }

  const brought = (d: Operand, view: View, target: number): Operand => {
    const [rows, columns] = fansOf(view, shapeOf(d))
    const length = view.batch.length === 0 ? norm(d) : norm(d, [...view.reduction, ...view.output])
    return mul(d, spread(div(target * Math.sqrt(rows * columns), add(length, eps)), shapeOf(d)))
  }

  return transformation<ScaleByMuonRmsState>({
    origin: ['scaleByMuonRms', { ...options }],
    init: (params) => {
      const views = viewsOfLeaves('scaleByMuonRms', weightDimensionNumbers, params)
      const nu = mapPlaced((view, p) => zerosLike(meanOf(p, view)), views, tree.zerosLike(tree.widen(params)))
      return { count: 0, nu }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const views = viewsOfLeaves('scaleByMuonRms', weightDimensionNumbers, params)
      const squared = (view: View, g: Operand, v: Operand): Operand => updateMoment(meanOf(square(g), view), v, b2, 1)
      const nu = mapPlaced(squared, views, updates, state.nu)
      const scaled = mapPlaced(
        (view, g, v) => {
          const root = add(sqrt(debias ? biasCorrection(v, b2, count) : v), eps)
          const d = div(g, per === 'element' ? root : spread(root, shapeOf(g)))
          return rms === null ? d : brought(d, view, rms)
        },
        views,
        updates,
        nu
      )
      return [scaled, { count, nu: tree.castLike(nu, state.nu) }]
    }
  })
}
