import {
  type AnyGradientTransformation,
  add,
  boolean,
  callable,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  fillAbsent,
  type GradientTransformation,
  leaveOutAbsent,
  mul,
  notEqual,
  type Operand,
  orSchedule,
  positiveInteger,
  read,
  type StateOf,
  sub,
  sum,
  type Tree,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** What a {@link ShouldSkip} reports, kept in the state; it may have further fields. */
export interface SkipState {
  /** Whether the mini-batch is skipped. */
  readonly shouldSkip: boolean
}

/**
 * Decides whether a mini-batch is skipped. The updates and params are trees of expressions, to be read with `read`; what
 * comes back is plain data, always with the same fields. At init it is asked once, about updates of zero.
 */
export type ShouldSkip<Skip extends SkipState = SkipState> = (updates: Tree, gradientStep: number, params: Tree) => Skip

/** Options of {@link multiSteps}. */
export interface MultiStepsOptions<Skip extends SkipState = SkipState> {
  /** Whether the gradients are averaged; otherwise they are summed. @defaultValue `true` */
  readonly useGradMean?: boolean
  /** Which mini-batches are skipped, such as {@link skipNotFinite}. @defaultValue none is */
  readonly shouldSkip?: ShouldSkip<Skip>
  /** The dtype in which gradients are accumulated. @defaultValue that of the gradients, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType
}

/** State of {@link multiSteps}. */
export interface MultiStepsState<Inner, Skip extends SkipState = SkipState> {
  /** How many mini-batches have been accumulated since the last update of the inner transformation. */
  readonly miniStep: number
  /** How many updates the inner transformation has made. */
  readonly gradientStep: number
  /** State of the inner transformation. */
  readonly innerState: Inner
  /** Mean, or sum, of the accumulated gradients, shaped like the params; zeros when there are none. */
  readonly accGrads: Tree
  /** What was decided about the last mini-batch. */
  readonly skipState: Skip
}

/**
 * Accumulates the gradients of k mini-batches and lets the inner transformation act on their mean, once: large batches in
 * little memory.
 *
 * At mini-step n = 0, 1, …, k − 1, for the gradient gₙ, from a₋₁ = 0:
 *
 *     aₙ = aₙ₋₁ + (gₙ − aₙ₋₁) · 1 / (n + 1)    or aₙ₋₁ + gₙ without useGradMean
 *     u  = 0                                 while n < k − 1; inner is not called
 *     u  = inner(aₙ)                         when n = k − 1; then n = 0 and a = 0 again
 *
 * k may be a function of the number of updates made so far, so that the batch can grow; it is asked at every mini-step.
 *
 * With `shouldSkip`, a mini-batch that is skipped leaves no trace: it gives an update of zero, and all that changes is
 * `skipState`. Without it, a NaN spoils the update that its mini-batch belongs to and no later one.
 *
 * The mean is that of the k gradients, whatever the sizes of the mini-batches. One that is `null` counts as zeros; where all k
 * are, the param rests.
 *
 * Laws: k = 1 is `inner`; k gradients, one after the other, are their mean at once; skipped mini-batches might as well not
 * have been.
 *
 * Unlike Optax's `MultiSteps`: a NaN does not stay in the accumulator for good; the inner transformation is called only when
 * it acts; the accumulator of float64 gradients is float64 and not always float32.
 *
 * @example
 * const tx = multiSteps(scale(-1), 2)
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 1 }, tx.init(params), params)
 * first // => { w: 0 }
 * const [second] = tx.update({ w: 3 }, state, params)
 * second // => { w: -2 }
 *
 * @throws InvalidOption at construction, when an option is of the wrong kind; at update, when k or `shouldSkip` is a
 * function that returns what it must not.
 * @see skipNotFinite, skipLargeUpdates
 */
export const multiSteps = <T extends AnyGradientTransformation, Skip extends SkipState = SkipState>(
  inner: T,
  k: ScalarOrSchedule,
  options: MultiStepsOptions<Skip> = {}
): GradientTransformation<MultiStepsState<StateOf<T>, Skip>, ExtraOf<T>> => {
  const { init, update } = definitionOf('multiSteps', inner)
  check('multiSteps', { k }, orSchedule(positiveInteger))
  const { useGradMean, shouldSkip, accumulatorDtype } = withDefaults<Chosen<Skip>>('multiSteps', options, {
    useGradMean: true,
    // `Skip` is `SkipState` when it is not inferred from this option.
    shouldSkip: skipNone as ShouldSkip<Skip>,
    accumulatorDtype: undefined
  })
  check('multiSteps', { useGradMean }, boolean)
  check('multiSteps', { shouldSkip }, callable)
  check('multiSteps', { accumulatorDtype }, dtypeOption)

  const schedule = asSchedule(k)
  const sizeOf = (gradientStep: number): number => {
    const size = schedule(gradientStep)
    check('multiSteps', { [`k(${gradientStep})`]: size }, positiveInteger)
    return size
  }
  const decide: ShouldSkip<Skip> = (updates, gradientStep, params) => {
    const decision = shouldSkip(updates, gradientStep, params)
    check('multiSteps', { 'shouldSkip(…).shouldSkip': decision?.shouldSkip }, boolean)
    return decision
  }
  const accumulate = useGradMean ? towardsMean : add

  return transformation<MultiStepsState<StateOf<T>, Skip>, ExtraOf<T>>({
    origin: ['multiSteps', inner, k, { ...options }],
    init: (params) => ({
      miniStep: 0,
      gradientStep: 0,
      innerState: init(params),
      accGrads: tree.zerosLike(tree.widen(params), accumulatorDtype),
      skipState: decide(tree.zerosLike(params), 0, params)
    }),
    update: (updates, state, params, extra) => {
      const { miniStep, gradientStep, accGrads } = state
      const size = sizeOf(gradientStep)
      const skipState = decide(updates, gradientStep, leaveOutAbsent(params, updates))
      if (skipState.shouldSkip) return [tree.zerosLike(updates), { ...state, skipState }]

      const grads = fillAbsent(updates, params, 0)
      // The first gradient replaces the zeros: k = 1 is `inner` to the bit, and nothing of the past can leak.
      const total = miniStep === 0 ? grads : tree.map((g, a) => accumulate(a, g, miniStep), grads, accGrads)
      if (miniStep + 1 < size) {
        const accumulated = tree.castLike(total, accGrads)
        return [tree.zerosLike(updates), { ...state, miniStep: miniStep + 1, accGrads: accumulated, skipState }]
      }
      const acting = leaveOutAbsent(tree.map(emitLike, total, grads), fillAbsent(updates, accGrads, anything))
      const [transformed, innerState] = update(acting, state.innerState, params, extra)
      const zeros = tree.zerosLike(accGrads)
      return [transformed, { miniStep: 0, gradientStep: gradientStep + 1, innerState, accGrads: zeros, skipState }]
    },
    takesNull: true
  })
}

/** What is accumulated, as long as it is anything. */
const anything = (a: Operand): Operand | null => (read(sum(notEqual(a, 0))) > 0 ? a : null)

/** The options with their defaults. */
interface Chosen<Skip extends SkipState> {
  readonly useGradMean: boolean
  readonly shouldSkip: ShouldSkip<Skip>
  readonly accumulatorDtype: DType | undefined
}

const skipNone: ShouldSkip = () => ({ shouldSkip: false })

const towardsMean = (a: Operand, g: Operand, n: number): Value => add(a, mul(sub(g, a), 1 / (n + 1)))
