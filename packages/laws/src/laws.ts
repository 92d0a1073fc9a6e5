import type { AnyGradientTransformation, Engine } from '@gradchain/core'
import type { AsyncEngine } from '@gradchain/core/engine'
import type { Schedule } from '@gradchain/schedules'
import type { Domain } from './arbitrary/value.js'
import { registerAsyncEngine } from './engine/checkAsyncEngine.js'
import { type EngineOptions, engineLaws } from './engine/engineLaws.js'
import { boundedBy, type Measure } from './families/bounded.js'
import { equivalentTo } from './families/equivalent.js'
import { families } from './families/index.js'
import { between } from './families/scheduleRange.js'
import type { Wrapper } from './families/wrapper.js'
import { type OptionsFor, type RunOptions, registerLaws } from './run.js'
import type { Trajectory } from './trajectory.js'
import { universal } from './universal/index.js'

/** Options may be left out where nothing in them is required. */
type Rest<Options> = object extends Options ? [options?: Options] : [options: Options]

type TransformationLaws = Readonly<Record<string, (typeof universal)['deterministic']>>

/** A runner of some laws of transformations. */
const runnerOf =
  <L extends TransformationLaws>(family: L) =>
  <T extends AnyGradientTransformation>(tx: T, ...[options]: Rest<OptionsFor<T, L, Trajectory>>): void =>
    registerLaws(family, tx, (options ?? {}) as RunOptions<TransformationLaws, Trajectory>)

/** Options of `laws.bounded`. */
export type BoundedOptions<T extends AnyGradientTransformation> = OptionsFor<
  T,
  ReturnType<typeof boundedBy>,
  Trajectory
> & {
  /** The size that is bounded. @defaultValue that of the largest number */
  readonly measure?: Measure
}

/** Options of `laws.equivalent`. */
export type EquivalentOptions<T extends AnyGradientTransformation> = OptionsFor<
  T,
  ReturnType<typeof equivalentTo>,
  Trajectory
> & {
  /** Which numbers it is about. @defaultValue `'any'` */
  readonly domain?: Domain
}

/**
 * The runners: each registers one test for every law of a family, named by the sentence of the law.
 *
 * @example
 * import { test } from 'vitest'
 *
 * const tx = stateless((updates) => tree.map((g) => mul(-0.1, g), updates))
 * laws.gradientTransformation(tx, { test })
 * laws.elementwise(tx, { test })
 * laws.linear(tx, { test, runs: 20 })
 * laws.schedule((step) => 1 / (1 + step), { test, without: { valuesAreFinite: 'shown elsewhere' } })
 */
export const laws = {
  /** What holds of every transformation. */
  gradientTransformation: runnerOf(universal),
  /** Each element is treated by itself, all in the same way. */
  elementwise: runnerOf(families.elementwise),
  /** All params are one vector, in whatever leaves they stand. */
  groupingBlind: runnerOf(families.groupingBlind),
  /** Negating the gradients negates the updates. */
  odd: runnerOf(families.odd),
  /** Scaling the gradients changes nothing. */
  scaleBlind: runnerOf(families.scaleBlind),
  /** The updates are a linear function of the gradients. */
  linear: runnerOf(families.linear),
  /** Twice is once. */
  idempotent: runnerOf(families.idempotent),
  /** Gradients get shorter, and nothing else. */
  shrinking: runnerOf(families.shrinking),
  /** The past does not matter. */
  stateless: runnerOf(families.stateless),
  /** Updates have at most a given size. */
  bounded: <T extends AnyGradientTransformation>(tx: T, bound: number, ...[options]: Rest<BoundedOptions<T>>): void => {
    const { measure, ...rest } = (options ?? {}) as RunOptions<TransformationLaws, Trajectory> & { measure?: Measure }
    registerLaws(boundedBy(bound, measure), tx, rest)
  },
  /** Does what another transformation does, on numbers of a domain. */
  equivalent: <T extends AnyGradientTransformation>(
    tx: T,
    other: AnyGradientTransformation,
    ...[options]: Rest<EquivalentOptions<T>>
  ): void => {
    const { domain, ...rest } = (options ?? {}) as RunOptions<TransformationLaws, Trajectory> & { domain?: Domain }
    registerLaws(equivalentTo(other, domain), tx, rest)
  },
  /** What holds of everything that makes a transformation out of another. */
  wrapper: (wrap: Wrapper, options: RunOptions<typeof families.wrapper, Trajectory> = {}): void =>
    registerLaws(families.wrapper, wrap, options),
  /** What holds of every engine: it computes what `reference` computes, within a tolerance, at the edges of numbers too. */
  engine: (engine: Engine | AsyncEngine, given: EngineRunOptions = {}): void => {
    const { tolerance, dtypes, flushes, signsZeros, numbers, ...options } = given
    const asked = engineLaws({ tolerance, dtypes, flushes, signsZeros, numbers })
    if ('isAsync' in engine) registerAsyncEngine(asked, engine, options)
    else registerLaws(asked, engine, options)
  },
  /** What holds of every schedule; with a `range`, that it stays in there. */
  schedule: (schedule: Schedule, { range, ...options }: ScheduleRunOptions = {}): void =>
    registerLaws({ ...families.schedule, ...(range === undefined ? {} : between(...range)) }, schedule, options)
} as const

/** Options of `laws.engine`. */
export interface EngineRunOptions
  extends EngineOptions,
    Omit<RunOptions<ReturnType<typeof engineLaws>, unknown>, 'tolerance' | 'examples' | 'engine'> {}

/** Options of `laws.schedule`. */
export interface ScheduleRunOptions extends RunOptions<typeof families.schedule, readonly number[]> {
  /** The smallest and the largest value. @defaultValue any */
  readonly range?: readonly [least: number, most: number]
}
