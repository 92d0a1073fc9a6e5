import { type AnyGradientTransformation, check, InvalidOption, oneOf, show, type Valid } from '@gradchain/core'
import { paramsOf } from '../../internal/paramParts.js'
import { fieldsOf } from './slots.js'

/** The optimizers of Keras whose variables are known here, as their classes are called. */
export type KerasAlgorithm =
  | 'SGD'
  | 'Adam'
  | 'AdamW'
  | 'Nadam'
  | 'Adamax'
  | 'Adagrad'
  | 'Adadelta'
  | 'RMSprop'
  | 'Lion'
  | 'Lamb'
  | 'Ftrl'

/** What an optimizer keeps after its count and its learning rate. */
interface Layout {
  /** Blocks of variables, one after the other; in each the fields of our states, for each param in turn. */
  readonly blocks: readonly (readonly string[])[]
  /** A number at the end, and our name of it. */
  readonly last?: string
  /** Fields of which Keras has the negative. */
  readonly negated: readonly string[]
}

const MOMENTS: Layout = { blocks: [['mu', 'nu']], negated: [] }
const LAYOUTS: Readonly<Record<KerasAlgorithm, Layout>> = {
  SGD: { blocks: [['trace']], negated: [] },
  Adam: { blocks: [['mu', 'nu'], ['nuMax']], negated: [] },
  AdamW: { blocks: [['mu', 'nu'], ['nuMax']], negated: [] },
  Nadam: { ...MOMENTS, last: 'momentumProduct' },
  Adamax: MOMENTS,
  Lamb: MOMENTS,
  Adagrad: { blocks: [['sumOfSquares']], negated: [] },
  Adadelta: { blocks: [['eG', 'eX']], negated: [] },
  // Keras takes this momentum off the params, and adds that of SGD.
  RMSprop: { blocks: [['nu'], ['trace'], ['mu']], negated: ['trace'] },
  Lion: { blocks: [['mu']], negated: [] },
  Ftrl: { blocks: [['accumulator', 'linear']], negated: [] }
}

/** Options of {@link fromKeras}. */
export interface FromKerasOptions<T extends AnyGradientTransformation, P> {
  /** Our optimizer: one of `@gradchain/frameworks/keras`, alone or in a chain. */
  readonly optimizer: T
  /** The params. */
  readonly params: Valid<P>
  /**
   * The names of the params, such as `body.kernel` for `params.body.kernel`, in the order of the variables that Keras trains:
   * `model.trainable_variables`.
   */
  readonly names: readonly string[]
  /** Which optimizer of Keras it is, as its class is called. */
  readonly algorithm: KerasAlgorithm
}

/** What the options of both directions say together. */
export const given = <T extends AnyGradientTransformation, P>(
  owner: string,
  { optimizer: tx, params: shape, names, algorithm }: FromKerasOptions<T, P>
) => {
  check(owner, { algorithm }, oneOf(...Object.keys(LAYOUTS)))
  if (!(Array.isArray(names) && names.every((name) => typeof name === 'string'))) {
    throw new InvalidOption(`${owner}: names must be a list of names, got ${show(names)}`)
  }
  const target = { tx, params: paramsOf(owner, 'params', shape), shape }
  const own = new Set(fieldsOf(owner, target).map(({ field }) => field))
  const { blocks, last, negated } = LAYOUTS[algorithm]
  // What an option such as amsgrad, momentum or centered adds is there where our optimizer has it.
  const there = blocks.filter((block) => block.every((field) => own.has(field)))
  return { target, names, blocks: there, last, negated, known: new Set(blocks.flat()) }
}
