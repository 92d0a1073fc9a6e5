import {
  type AnyGradientTransformation,
  check,
  InvalidOption,
  oneOf,
  required,
  show,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { paramsOf } from '../../internal/paramParts.js'
import { fieldsOf } from './slots.js'

/** The optimizers of TensorFlow.js, as their classes are called; Adamax, which cannot be saved, is none of them. */
export type TfjsAlgorithm = 'SGD' | 'Momentum' | 'Adam' | 'Adagrad' | 'Adadelta' | 'RMSProp'

/** What an optimizer keeps for each variable. */
export interface TfjsSlot {
  /** What the names end in. */
  readonly ending: string
  /** The field of our states; `null` where it has no effect. */
  readonly field: string | null
  /** Whether the field has the negative. */
  readonly isNegated: boolean
}

const slot = (ending: string, field: string | null, isNegated = false): TfjsSlot => ({ ending, field, isNegated })

const SLOTS: Readonly<Record<TfjsAlgorithm, readonly TfjsSlot[]>> = {
  SGD: [],
  Momentum: [/* @__PURE__ */ slot('momentum', 'trace')],
  Adam: [/* @__PURE__ */ slot('m', 'mu'), /* @__PURE__ */ slot('v', 'nu')],
  Adagrad: [/* @__PURE__ */ slot('accumulator', 'sumOfSquares')],
  // The two stay equal for ever, and only their ratio is looked at.
  Adadelta: [/* @__PURE__ */ slot('accum_grad', null), /* @__PURE__ */ slot('accum_var', null)],
  RMSProp: [
    /* @__PURE__ */ slot('rms', 'nu'),
    /* @__PURE__ */ slot('momentum', 'trace', true),
    /* @__PURE__ */ slot('mg', 'mu')
  ]
}

/** Options of {@link fromTfjs} and {@link toTfjs}. */
export interface TfjsOptions<T extends AnyGradientTransformation, P> {
  /** Our optimizer: one of `@gradchain/frameworks/tensorflowjs`, alone or in a chain. */
  readonly optimizer: T
  /** The params. */
  readonly params: Valid<P>
  /**
   * The names of the params, such as `body.kernel` for `params.body.kernel`, in the order of the variables of TensorFlow.js: that of
   * the weights of a model, as a rule.
   */
  readonly names: readonly string[]
  /** Which optimizer of TensorFlow.js it is, such as `Adam`: `optimizerConfig.className` of a model. */
  readonly algorithm: TfjsAlgorithm
}

/** What the options of both directions say together. */
export const given = <T extends AnyGradientTransformation, P>(owner: string, options: TfjsOptions<T, P>) => {
  const {
    optimizer: tx,
    params: shape,
    names,
    algorithm
  } = withDefaults<TfjsOptions<T, P>>(owner, options, {
    optimizer: required,
    params: required,
    names: required,
    algorithm: required
  })
  check(owner, { algorithm }, oneOf(...Object.keys(SLOTS)))
  if (!(Array.isArray(names) && names.every((name) => typeof name === 'string'))) {
    throw new InvalidOption(`${owner}: names must be a list of names, got ${show(names)}`)
  }
  const target = { tx, params: paramsOf(owner, 'params', shape), shape }
  const own = new Set(fieldsOf(owner, target).map(({ field }) => field))
  // RMSProp has no momentum of ours where it is 0, and no mean where it is not centered.
  const slots = SLOTS[algorithm]
  const isOurs = ({ field }: TfjsSlot): boolean => field !== null && own.has(field)
  const negated = slots.flatMap(({ field, isNegated }) => (field !== null && isNegated ? [field] : []))
  return { target, names, slots, isOurs, negated }
}
