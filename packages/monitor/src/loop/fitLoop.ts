import {
  type AnyGradientTransformation,
  callable,
  check,
  type ExtraOf,
  InvalidOption,
  optional,
  positiveInteger,
  required,
  type StateOf,
  show,
  step,
  withDefaults
} from '@gradchain/core'

/** What has happened in a step of {@link fitLoop}, as callbacks and rows see it. */
export interface FitEvent<P, State> {
  /** How many steps were taken, this one included. */
  readonly step: number
  /** The loss, before the step. */
  readonly loss: number
  /** The params after the step. */
  readonly params: P
  /** The state of the optimizer after the step. */
  readonly state: State
}

/**
 * What looks at each step and may end the loop: a reducer, whose carry is a value.
 *
 * @typeParam Carry - what it remembers.
 * @typeParam Event - what it needs to know of a step.
 */
export interface LoopCallback<Carry, Event> {
  /** What it knows before the first step. */
  readonly init: Carry
  /** What it knows after one more. */
  update(carry: Carry, event: Event): Carry
  /** Whether to stop there. */
  shouldStop(carry: Carry): boolean
}

/** A `LoopCallback` of which nothing more is known. */
export interface AnyLoopCallback<Event> {
  readonly init: unknown
  update(carry: never, event: Event): unknown
  shouldStop(carry: never): boolean
}

/** What {@link fitLoop} is given. */
export interface FitLoopOptions<
  T extends AnyGradientTransformation,
  P,
  Batch,
  Row,
  C extends Readonly<Record<string, AnyLoopCallback<FitEvent<P, StateOf<T>>>>>
> {
  /** The optimizer; what it needs besides gradients may be the loss as `value`. */
  readonly optimizer: T & ({ readonly value: number } extends ExtraOf<T> ? unknown : 'it needs more than the value')
  /** The params to start from. */
  readonly params: P
  /** The batches, one for each step; the loop ends with them. */
  readonly batches: Iterable<Batch>
  /** The loss of a batch and its gradients, such as what `valueAndGrad` of a loss gives. */
  readonly valueAndGrad: (params: P, batch: Batch, step: number) => readonly [value: number, gradients: unknown]
  /** The state to go on from. @defaultValue a fresh one */
  readonly state?: StateOf<T> | undefined
  /** How many steps to take at most, a whole number ≥ 1. @defaultValue as many as there are batches */
  readonly steps?: number | undefined
  /** What to remember of a step in the history. @defaultValue `({ loss }) => ({ loss })` */
  readonly row?: ((event: FitEvent<P, StateOf<T>>) => Row) | undefined
  /** Reducers that look at each step, by name. @defaultValue none */
  readonly callbacks?: C | undefined
}

/** What {@link fitLoop} ends with. */
export interface Fitted<P, State, Row, C> {
  /** The params after the last step. */
  readonly params: P
  /** The state of the optimizer after the last step. */
  readonly state: State
  /** How many steps were taken. */
  readonly steps: number
  /** What was remembered of each. */
  readonly history: readonly Row[]
  /** What the callbacks know, by name. */
  readonly carries: { readonly [K in keyof C]: C[K] extends { readonly init: infer Carry } ? Carry : never }
  /** The callback that ended the loop; `null` when the batches or the steps did. */
  readonly stoppedBy: keyof C | null
}

/**
 * A training loop as a pure function: one step for each batch, what to remember of each, and reducers that may end it.
 *
 *     (loss, g) = valueAndGrad(p, batch)          (p, state) = step(optimizer, g, state, p, { value: loss })
 *
 * After each step every callback sees it, and the loop ends when one wants to. Callbacks are values; those that print or write
 * files do it in `update`, once a step.
 *
 * Laws: the steps of `step`; going on from params and state with the batches that are left is going on.
 *
 * @example
 * const fitted = fitLoop({
 *   optimizer: sgd(0.25),
 *   params: { w: 8 },
 *   batches: [1, 2, 3, 4, 5, 6],
 *   valueAndGrad: ({ w }) => [w ** 2, { w: 2 * w }],
 *   callbacks: { enough: earlyStopping<{ loss: number }>({ patience: 1, minDelta: 5 }) }
 * })
 * fitted.history // => [{ loss: 64 }, { loss: 16 }, { loss: 4 }, { loss: 1 }]
 * fitted.params // => { w: 0.5 }
 * fitted.stoppedBy // => 'enough'
 *
 * @throws InvalidOption when an option is missing or outside its range; InvalidTree and InvalidState as `step` does.
 * @see earlyStopping; {@link diagnose}, which reads the history
 */
export const fitLoop = <
  T extends AnyGradientTransformation,
  P,
  Batch,
  Row = { readonly loss: number },
  const C extends Readonly<Record<string, AnyLoopCallback<FitEvent<P, StateOf<T>>>>> = Readonly<Record<never, never>>
>(
  options: FitLoopOptions<T, P, Batch, Row, C>
): Fitted<P, StateOf<T>, Row, C> => {
  const given = withDefaults<Required<FitLoopOptions<T, P, Batch, Row, C>>>('fitLoop', options, {
    optimizer: required,
    params: required,
    batches: required,
    valueAndGrad: required,
    state: undefined,
    steps: undefined,
    // The row that its type says where none is given.
    row: ({ loss }: FitEvent<P, StateOf<T>>) => ({ loss }) as Row,
    callbacks: undefined
  })
  const { optimizer, batches, valueAndGrad, steps = Infinity } = given
  check('fitLoop', { valueAndGrad, row: given.row }, callable)
  check('fitLoop', { steps: given.steps }, optional(positiveInteger))
  if (typeof (batches as Partial<Iterable<Batch>> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new InvalidOption(`fitLoop: batches must be iterable, got ${show(batches)}`)
  }
  const callbacks = Object.entries((given.callbacks ?? {}) as C)
  const carries: Record<string, unknown> = Object.fromEntries(callbacks.map(([name, { init }]) => [name, init]))
  const row = given.row as (event: FitEvent<P, StateOf<T>>) => Row
  const advance = step as unknown as Advance<T, P>

  let params = given.params
  let state = given.state ?? (optimizer.init(params) as StateOf<T>)
  const history: Row[] = []
  let stoppedBy: string | null = null
  for (const batch of batches) {
    const [loss, gradients] = valueAndGrad(params, batch, history.length)
    ;[params, state] = advance(optimizer, gradients, state, params, { value: loss })
    const event = { step: history.length + 1, loss, params, state }
    history.push(row(event))
    for (const [name, callback] of callbacks) {
      carries[name] = callback.update(carries[name] as never, event)
      if (stoppedBy === null && callback.shouldStop(carries[name] as never)) stoppedBy = name
    }
    if (stoppedBy !== null || history.length >= steps) break
  }
  // By name what the callbacks carry.
  return { params, state, steps: history.length, history, carries, stoppedBy } as Fitted<P, StateOf<T>, Row, C>
}

/** `step`, of params whose tree is known outside, where the gradients are compared with it. */
type Advance<T extends AnyGradientTransformation, P> = (
  tx: T,
  grads: unknown,
  state: StateOf<T>,
  params: P,
  extra: { readonly value: number }
) => readonly [P, StateOf<T>]
