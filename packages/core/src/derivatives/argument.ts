import { callable, check, nonNegativeInteger, withDefaults } from '../check.js'
import type { Erased } from './edge.js'

/** Options of what differentiates a function by one of its arguments. */
export interface ArgumentOptions<K extends number = number> {
  /** By which argument of f it is differentiated, counted from 0: that one holds the params. @defaultValue `0` */
  readonly argnum?: K | undefined
}

/** A function of params and other arguments, and how such arguments come out of those of another function. */
interface Placed {
  readonly f: Erased
  /** The params, what stands beside them, and the other arguments, out of those in the order of the function. */
  readonly paramsFirst: (given: readonly unknown[]) => readonly [params: never, ...rest: unknown[]]
}

/**
 * A function with another argument than its first in the place of the params; `beside` arguments more, such as a tangent, follow
 * the params at once.
 */
export const byArgument = (owner: string, f: unknown, argnum: number, beside = 0): Placed => {
  check(owner, { f }, callable)
  check(owner, { argnum }, nonNegativeInteger)
  const own = f as (...given: readonly unknown[]) => unknown
  return {
    f: argnum === 0 ? own : (params, ...rest) => own(...rest.slice(0, argnum), params, ...rest.slice(argnum)),
    paramsFirst: (given) => {
      const first = Array.from({ length: 1 + beside }, (_, i) => given[argnum + i])
      return [...first, ...given.slice(0, argnum), ...given.slice(argnum + 1 + beside)] as never
    }
  }
}

/** The argument that options name. */
export const argnumOf = (owner: string, options: ArgumentOptions): number =>
  withDefaults(owner, options, { argnum: 0 }).argnum
