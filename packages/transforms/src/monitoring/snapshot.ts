import {
  callable,
  check,
  type GradientTransformation,
  type Requirement,
  type Tree,
  transformation
} from '@gradchain/core'
import { measuredAtInit, measuredLike } from '../internal/measured.js'
import type { Measure, Measured } from './measure.js'

/** State of {@link snapshot}. */
export interface SnapshotState<Name extends string, M extends Tree> {
  /** The last measurement, under its name; before the first update, that of updates of zero. */
  readonly measurement: { readonly [K in Name]: Measured<M> }
}

/**
 * Lets updates pass through and keeps in its state what a function says about them: a norm before it is clipped, or the
 * updates as they are.
 *
 *     u = g                measurement = measure(g, p)
 *
 * The function works on trees of expressions, and is computed in the same pass as the chain. A lazy scalar it returns is a
 * number in the state.
 *
 * Laws: the identity on updates; the state is forgotten at each update.
 *
 * Unlike Optax: what the state has before the first update is the measurement of updates of zero, not that of the params.
 *
 * @example
 * const tx = chain(snapshot('norm', (updates) => tree.norm(updates)), clipByGlobalNorm(1))
 * const params = { w: [0, 0] }
 * const [updates, [seen]] = tx.update({ w: [3, 4] }, tx.init(params), params)
 * updates // => { w: [0.6000000000000001, 0.8] }
 * read(seen.measurement.norm) // => 5
 *
 * @throws InvalidOption at construction, for a name that is empty and a measure that is no function; InvalidTree where a
 * measurement is no tree of numbers and arrays, or has another structure than the first.
 * @see monitor, for several measurements, and for such as remember.
 */
export const snapshot = <const Name extends string, M extends Tree>(
  measureName: Name,
  measure: Measure<M>
): GradientTransformation<SnapshotState<Name, M>> => {
  check('snapshot', { measureName }, aName)
  check('snapshot', { measure }, callable)
  const stateOf = (measured: Tree): SnapshotState<Name, M> =>
    // Evaluated where the transformation returns, as all of its state.
    ({ measurement: { [measureName]: measured } }) as unknown as SnapshotState<Name, M>

  return transformation<SnapshotState<Name, M>>({
    origin: ['snapshot', measureName, measure],
    init: (params) => stateOf(measuredAtInit(measure, params)),
    update: (updates, state, params) => [
      updates,
      stateOf(measuredLike(measure(updates, params), state.measurement[measureName]))
    ]
  })
}

const aName: Requirement = {
  what: 'a name, one character or more',
  holds: (value) => typeof value === 'string' && value !== ''
}
