import {
  type AnyGradientTransformation,
  abs,
  add,
  broadcast,
  check,
  definitionOf,
  div,
  type ExtraOf,
  finite,
  type GradientTransformation,
  type Leaf,
  less,
  max,
  maxOf,
  mul,
  nonNegative,
  norm,
  type Operand,
  orSchedule,
  positive,
  type StateOf,
  sub,
  sum,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { checkMask, expandMask } from '../internal/expandMask.js'
import { leafShape } from '../internal/leafShape.js'
import { valueAt } from '../internal/valueAt.js'
import type { Mask } from '../selection/mask.js'

/** Options of {@link projectRadial}. */
export interface ProjectRadialOptions<P = Tree<Leaf>, M = never> {
  /** How far from a right angle gradients and params may be, in units of a cosine by chance, δ, finite and ≥ 0. @defaultValue `0.1` */
  readonly delta?: number
  /** The least length that is divided by, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is added to the updates, any finite number or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** How much of the weight decay is left where something is taken out, finite and ≥ 0. @defaultValue `0.1` */
  readonly wdRatio?: number
  /** Which leaves decay; all of them are projected. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link projectRadial}. */
export interface ProjectRadialState<Inner> {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Takes out of the updates of another transformation what only makes weights longer, where a normalization behind them makes their length
 * of no account: AdamP and SGDP. Momentum makes such weights grow, and their steps shrink against them.
 *
 * For each leaf with at least two axes, the gradient g, the params p and the update w of `inner`, first row by row, a row being all that
 * has the same index along the first axis, then as one vector: where the cosine says that the weights are blind to their scale,
 *
 *     |⟨g, p⟩| < δ ‖g‖ ‖p‖ / √n          for every row of n elements, or for the leaf of n elements,
 *     u = w − p̂ ⟨p̂, w⟩ + ρ λ(t) p         p̂ = p / (‖p‖ + eps), of each row or of the leaf, ρ = wdRatio
 *     u = w + λ(t) p                       where neither is so, and for numbers and vectors
 *
 * with λ = weightDecay at step t = 0, 1, 2, …, where the mask is true. The decay is part of it because it is less where something was
 * taken out. What is tested is the gradient; what is projected is the update.
 *
 * Laws: where it acts ⟨u, p⟩ = ρ λ ‖p‖² for each row, or for the leaf, up to eps; without a decay ‖u‖ ≤ ‖w‖ in arrays of two axes and
 * more; with δ = 0 it is `inner` and then addDecayedWeights; odd in g where `inner` is, without a decay; each leaf is treated as if it
 * were alone, where `inner` does so.
 *
 * @example
 * const tx = projectRadial(scale(1))
 * const params = { w: ndarray(new Float64Array([2, 0]), [1, 2]) }
 * // Across the params but for a hundredth: that is taken out.
 * tx.update({ w: ndarray(new Float64Array([0.01, 1]), [1, 2]) }, tx.init(params), params)[0].w.data[0]?.toFixed(6) // => '0.000000'
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range; at update, when what the schedule gives is no
 * number; InvalidTree at init and update, where the mask does not fit the params.
 * @see Heo et al. (2020), algorithms 1 and 2, {@link https://arxiv.org/abs/2006.08217}
 * @see orthograd
 */
export const projectRadial = <T extends AnyGradientTransformation, P = Tree<Leaf>, const M = never>(
  inner: T,
  options: ProjectRadialOptions<P, M> = {}
): GradientTransformation<ProjectRadialState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('projectRadial', inner)
  const { delta, eps, weightDecay, wdRatio, mask } = withDefaults<Chosen<P, M>>('projectRadial', options, {
    delta: 0.1,
    eps: 1e-8,
    weightDecay: 0,
    wdRatio: 0.1,
    mask: true
  })
  check('projectRadial', { delta, wdRatio }, nonNegative)
  check('projectRadial', { eps }, positive)
  check('projectRadial', { weightDecay }, orSchedule(finite))
  checkMask('projectRadial', mask)
  const schedule = asSchedule(weightDecay)

  return transformation<ProjectRadialState<StateOf<T>>, ExtraOf<T>>({
    origin: ['projectRadial', inner, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      expandMask('projectRadial', mask, params)
      return { count: 0, innerState: init(params) }
    },
    update: (updates, state, params, extra) => {
      const [steps, innerState] = update(updates, state.innerState, params, extra)
      const share = valueAt('projectRadial', schedule, state.count)
      const shares = tree.map((isOn) => (isOn ? share : 0), expandMask('projectRadial', mask, params))
      const all = tree.map(
        (g, w, p, rate) => {
          const decayed = (x: Operand, ratio: number): Operand => (rate === 0 ? x : add(x, mul(mul(ratio, rate), p)))
          const views = viewsOf(p).map((view) => seen(view, g, w, p, delta, eps))
          // The rows come first.
          return views.reduceRight<Operand>(
            (otherwise, { isBlind, across }) => where(isBlind, decayed(across, wdRatio), otherwise),
            decayed(w, 1)
          )
        },
        updates,
        steps,
        params,
        shares
      )
      return [all, { count: state.count + 1, innerState }]
    }
  })
}

/** How an array is seen as vectors: along some axes, or as one. */
interface View {
  readonly shape: readonly number[]
  readonly axes: readonly number[]
  readonly length: number
}

/** By rows, and as a whole; what has fewer than two axes, or no elements, in no way. */
const viewsOf = (p: Operand): readonly View[] => {
  const shape = leafShape(p)
  if (shape === null || shape.length < 2 || shape.includes(0)) return []
  const axes = shape.map((_, axis) => axis)
  const size = tree.size(p)
  return [
    { shape, axes: axes.slice(1), length: size / (shape[0] as number) },
    { shape, axes, length: size }
  ]
}

/** Whether all gradients are nearly across the params, and what of the update is. */
const seen = ({ shape, axes, length }: View, g: Operand, w: Operand, p: Operand, delta: number, eps: number) => {
  const along = (x: Operand): Value => broadcast(sum(x, axes), shape)
  const unit = (x: Operand): Value => div(x, broadcast(max(norm(x, axes), eps), shape))
  const cosines = abs(sum(mul(unit(g), unit(p)), axes))
  const direction = div(p, broadcast(add(norm(p, axes), eps), shape))
  return {
    isBlind: less(maxOf(cosines), delta / Math.sqrt(length)),
    across: sub(w, mul(direction, along(mul(direction, w))))
  }
}

/** The options with their defaults. */
interface Chosen<P, M> {
  readonly delta: number
  readonly eps: number
  readonly weightDecay: ScalarOrSchedule
  readonly wdRatio: number
  readonly mask: Mask<P, M>
}
