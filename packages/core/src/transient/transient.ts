import { check, nonNegativeInteger, optional, positiveInteger, withDefaults } from '../check.js'
import type { Gradients, Same } from '../transformation/like.js'
import { definitionOf } from '../transformation/transformation.js'
import type {
  AnyGradientTransformation,
  Asked,
  Definition,
  ExtraArguments,
  ExtraOf,
  StateOf
} from '../transformation/types.js'
import type { Valid } from '../transformation/valid.js'
import type { TransientBytes } from './bytes.js'
import { Resident } from './resident.js'

/** Options of {@link transient}. */
export interface TransientOptions<State> {
  /** The state to go on from; its arrays are copied. @defaultValue a fresh one */
  readonly state?: State | undefined
  /** How many threads share the work, this one included, a whole number ≥ 1. @defaultValue `1` */
  readonly threads?: number | undefined
  /**
   * Bytes for what a step stores in between and for its tables, a whole number ≥ 0; of each memory, where there are several.
   * @defaultValue four times the params, eight times the largest of them and 4 KiB for each, at least 16 MiB; less when the memory
   * ends before
   */
  readonly scratchBytes?: number | undefined
}

/** The key of what `using` calls, where the types of the runtime know it. */
type DisposeKey = SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never

/** Params, gradients and state in one memory, updated where they stand: what {@link transient} gives. */
export interface Transient<P, State, Extra> extends Readonly<Record<DisposeKey, () => void>> {
  /**
   * The params as they are now; their arrays are live views. Read them or `slice()` them; never transfer them or pass
   * them to `structuredClone`, which would copy, or with threads share, the whole memory behind them.
   */
  readonly params: Same<P>
  /**
   * The gradients of the next step. Write into their arrays (`run.grads.w.set(…)`); numbers are assigned
   * (`run.grads.b = 3`). What a step was given stays until it is written over.
   */
  readonly grads: Same<P>
  /**
   * The state as it is now: its arrays are live views, its numbers those of the last step. All of it is fixed; to change
   * something, {@link setState} takes another one.
   */
  readonly state: State
  /**
   * Goes on from another state, such as this one with another number in it:
   * `run.setState({ ...run.state, hyperparams: { learningRate: 1e-4 } })`. Views are left where they are, other arrays are
   * copied. What does not fit is refused, and leaves everything as it was.
   */
  readonly setState: (state: State) => void
  /**
   * One step with the gradients given, which are copied, or with what was written to `grads`. Where one is `null`, what stands in
   * `grads` stays there, and the param rests for this step.
   */
  readonly step: <E extends ExtraArguments<Extra> = ExtraArguments<Extra>>(
    this: Asked<E, Extra>,
    grads?: Gradients<P>,
    ...extra: E
  ) => void
  /** The params and the state as they are now, in ordinary arrays that later steps do not change. */
  readonly snapshot: () => { readonly params: Same<P>; readonly state: State }
  /**
   * Gives back threads and memory; afterwards only the views that were taken live on. `using run = transient(…)` calls it at the
   * end of the block, where the runtime has `Symbol.dispose`.
   */
  readonly dispose: () => void
  /** How much memory is reserved, and for what. */
  readonly bytes: TransientBytes
  /** How many threads there are: 1 where threads cannot share memory. */
  readonly threads: number
}

/**
 * The same steps as {@link step}, with the same bits, for arrays that stay: params, gradients and state live in one
 * WebAssembly memory and are updated in place, each array in one fused pass. Mutable inside, a value at both ends.
 *
 * One memory holds 4 GiB: 268 million float32 params with the state of Adam. Where that is not enough there are several, each array of the params in one with its
 * gradient and its state; what is computed from arrays of two memories is copied over. A single array has to fit one.
 *
 * A step is planned before it writes: what is refused leaves everything as it was. Once planned, the same step costs
 * little more than its arithmetic; a step that takes another course (a mini-batch that is skipped) has a plan of its own.
 * The state keeps its structure, shapes and dtypes. A user's own `{ init, update }` in the chain is handed copies.
 *
 * Threads sleep between steps, and neither they nor the memory keep a process alive. They start by themselves; until they
 * have, this thread does everything. In a page they need cross-origin isolation.
 *
 * Laws: the params and states of repeated {@link step}, bit for bit, with any number of threads; going on from
 * `snapshot().state` is going on.
 *
 * @example
 * const run = transient(scale(-0.5), { w: new Float32Array([1, 2]) })
 * run.grads.w.set([2, 2])
 * run.step()
 * run.snapshot().params // => { w: Float32Array [0, 1] }
 *
 * @throws InvalidOption when an array with its gradient, its state and the scratch does not fit a memory of 4 GiB, or the scratch a step, with the sizes;
 * InvalidTree and InvalidState as {@link step} does; InvalidState for a state that would change its structure, for a step
 * after `dispose()`, and when a thread has died.
 */
export const transient = <T extends AnyGradientTransformation, P>(
  tx: T,
  params: Valid<P>,
  options: TransientOptions<StateOf<T>> = {}
): Transient<P, StateOf<T>, ExtraOf<T>> => {
  const { state, threads, scratchBytes } = withDefaults<Required<TransientOptions<StateOf<T>>>>('transient', options, {
    state: undefined,
    threads: 1,
    scratchBytes: undefined
  })
  check('transient', { threads }, positiveInteger)
  check('transient', { scratchBytes }, optional(nonNegativeInteger))
  const definition = definitionOf('transient', tx) as Definition<unknown>
  const resident = new Resident(definition, params, state, threads as number, scratchBytes)
  // On the outside the type of the tree is kept, inside it is erased.
  return resident as unknown as Transient<P, StateOf<T>, ExtraOf<T>>
}
