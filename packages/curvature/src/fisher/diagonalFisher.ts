import {
  add,
  biasCorrection,
  check,
  div,
  Expr,
  examplesLike,
  type GradientTransformation,
  inUnitInterval,
  mean,
  nonNegative,
  type Operand,
  positive,
  pow,
  reshape,
  sqrt,
  square,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link diagonalFisher}. */
export interface DiagonalFisherOptions {
  /** Decay rate β of the diagonal, in `[0, 1)`. @defaultValue `0.95` */
  readonly decay?: number
  /** Damping λ, finite and ≥ 0. @defaultValue `1e-3` */
  readonly damping?: number
  /** The power p of the diagonal, finite and > 0: 1 is the natural gradient, 1/2 that of Adam. @defaultValue `1` */
  readonly power?: number
}

/** State of {@link diagonalFisher}. */
export interface DiagonalFisherState {
  /** How many updates were seen. */
  readonly count: number
  /** The diagonal f of the Fisher matrix, shaped like the params. */
  readonly fisher: Tree
}

/** What the update of {@link diagonalFisher} needs to be told. */
export interface DiagonalFisherExtra {
  /** The gradients of single examples: a tree like the params, with the examples along a first axis, and a vector for a number. */
  readonly perExampleGradients: Tree
}

/**
 * Divides each update by the diagonal of the Fisher matrix: the mean square of the gradients of single examples.
 *
 * Elementwise, for the update g and the gradients gₙ of examples n at step t = 1, 2, …, from f₀ = 0:
 *
 *     fₜ = β fₜ₋₁ + (1 − β) meanₙ(gₙ²)          f̂ = fₜ / (1 − βᵗ)
 *     u = g / (f̂ + λ)ᵖ
 *
 * Adam squares the mean gradient in place of taking the mean of squares, which for large batches is another thing. Gradients at targets drawn from
 * the model give the Fisher matrix, those of the loss itself the empirical one.
 *
 * Laws: linear in g; elementwise; with one example that is g, p = 1/2 and β = 0 it is the sign of g, without damping; what all examples agree upon
 * is f = g².
 *
 * @example
 * const tx = diagonalFisher({ damping: 0 })
 * const params = { w: new Float64Array(2), b: 0 }
 * const perExampleGradients = { w: ndarray(new Float64Array([1, 2, 3, 2]), [2, 2]), b: new Float64Array([1, -1]) }
 * const grads = { w: new Float64Array([2, 2]), b: 0 }
 * const [u] = tx.update(grads, tx.init(params), params, { perExampleGradients })
 * u.w // => Float64Array [0.4…, 0.5…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update InvalidOption without gradients of examples, InvalidTree for some
 * that do not fit the params.
 * @see Amari (1998), Natural Gradient Works Efficiently in Learning, {@link https://doi.org/10.1162/089976698300017746}; Martens
 * (2020), New insights and perspectives on the natural gradient method, section 11, {@link https://arxiv.org/abs/1412.1193}
 */
export const diagonalFisher = (
  options: DiagonalFisherOptions = {}
): GradientTransformation<DiagonalFisherState, DiagonalFisherExtra> => {
  const { decay, damping, power } = withDefaults<Required<DiagonalFisherOptions>>('diagonalFisher', options, {
    decay: 0.95,
    damping: 1e-3,
    power: 1
  })
  check('diagonalFisher', { decay }, inUnitInterval)
  check('diagonalFisher', { damping }, nonNegative)
  check('diagonalFisher', { power }, positive)

  return transformation<DiagonalFisherState, DiagonalFisherExtra>({
    origin: ['diagonalFisher', { ...options }],
    init: (params) => ({ count: 0, fisher: tree.zerosLike(tree.widen(params)) }),
    update: (updates, state, _params, extra) => {
      const count = state.count + 1
      const examples = examplesLike('diagonalFisher', updates, extra?.perExampleGradients)
      const fisher = tree.map(
        (g: Operand, each: Operand, f: Operand): Operand => updateMoment(meanSquare(each, g), f, decay, 1),
        updates,
        examples.gradients,
        state.fisher
      )
      const scaled = tree.map(
        (g, f) => {
          const damped = add(biasCorrection(f, decay, count), damping)
          return div(g, power === 1 ? damped : power === 1 / 2 ? sqrt(damped) : pow(damped, power))
        },
        updates,
        fisher
      )
      return [scaled, { count, fisher: tree.castLike(fisher, state.fisher) }]
    }
  })
}

/** The mean square along the first axis, in the form of a gradient. */
const meanSquare = (examples: Operand, like: Operand): Operand =>
  like instanceof Expr && !like.isScalar ? reshape(mean(square(examples), [0]), like.shape) : mean(square(examples))
