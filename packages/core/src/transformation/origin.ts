/** The call that something was made by: the name of a factory, and the arguments it was given. */
export type Origin = readonly [factory: string, ...given: readonly unknown[]]

/**
 * The same transformation, made by another call: for those who write optimizers out of others.
 *
 * The origin is a property of `update`, as it is of a schedule or a mask: what has another `update` has another origin, or none.
 *
 * @param origin - the name of the function that is being called, and its arguments; as a copy where their owner may change
 * them afterwards, as an object of options.
 *
 * @example
 * const descent = (rate: number) => withOrigin(['descent', rate], chain(clip(1), scaleByLearningRate(rate)))
 * describe(chain(descent(0.5))) // => ['chain', ['descent', 0.5]]
 *
 * @see describe
 */
export const withOrigin = <T extends { readonly update: object }>(origin: Origin, tx: T): T => {
  Object.assign(tx.update, { origin })
  return Object.assign(tx, { [Symbol.for('nodejs.util.inspect.custom')]: logged })
}

/** What remembers how it was made. */
interface Made {
  readonly origin?: Origin
  readonly update?: Made
}

/** The origin of a function, if it has one. */
export const originOf = (value: unknown): Origin | undefined =>
  typeof value === 'function' ? (value as Made).origin : undefined

/** How a transformation is logged where Node, Deno or Bun do it: as the call that it was made by. */
function logged(
  this: { readonly init: unknown; readonly update: Made },
  _depth: number,
  options: object,
  inspect: (value: unknown, options: object) => string
): unknown {
  const { init, update } = this
  const shown = (value: unknown, depth: number): string => {
    const made = value as Made | null | undefined
    const origin = made?.origin ?? made?.update?.origin
    if (!origin) return inspect(value, options)
    // A chain may be nested deeper than functions may call each other.
    const given = depth > 99 ? ['…'] : origin.slice(1).map((one) => shown(one, depth + 1))
    return `${origin[0]}(${given.join(', ')})`
  }
  return update.origin ? shown(update, 0) : { init, update }
}
