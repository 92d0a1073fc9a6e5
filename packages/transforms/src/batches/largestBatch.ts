import {
  type AnyGradientTransformation,
  callable,
  check,
  InvalidOption,
  identity,
  positiveInteger,
  type Requirement,
  required,
  show,
  withDefaults
} from '@gradchain/core'
import { stateBytes } from './stateBytes.js'

/** What both ways of {@link largestBatch} have. */
interface Common {
  /** The most examples that are of use, a whole number ≥ 1: all that there are, or the noise scale. @defaultValue `2 ** 20` */
  readonly most?: number
  /** Only multiples of this are looked at, a whole number ≥ 1. @defaultValue `1` */
  readonly multipleOf?: number
}

/** Options of {@link largestBatch}, where memory is counted. */
export interface CountedBatchOptions extends Common {
  /** How many bytes there are, > 0. */
  readonly memoryBytes: number
  /** How many bytes a batch of n examples takes between forward and backward pass, and itself; it grows with n. */
  readonly activationBytes: (n: number) => number
  /** The params. */
  readonly params: unknown
  /** The optimizer, whose state counts. @defaultValue one without a state */
  readonly optimizer?: AnyGradientTransformation
}

/** Options of {@link largestBatch}, where batches are tried. */
export interface TriedBatchOptions<R> extends Common {
  /**
   * Does what is done with a batch of n examples. It does not fit when this throws or gives `false`, and fits when it gives `true` or
   * nothing, or a promise of either.
   */
  readonly tryBatch: (n: number) => R
  /** After so many trials the best that was found is the result, a whole number ≥ 1. @defaultValue `64` */
  readonly tries?: number
}

/** What a trial says; where there is a promise of it there is one of the result. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what a function has that says nothing.
type Trial = boolean | undefined | void

/**
 * How many examples fit in memory at once: the size for {@link microbatch}, or for batches of their own.
 *
 * Where bytes are known they are counted, without allocating anything,
 *
 *     params + gradients + state + activationBytes(n) ≤ memoryBytes
 *
 * with gradients as large as the params. Where nobody knows them, as on a device, batches are tried: twice as many until it goes wrong, and
 * then half way between what went well and what did not. Either way it is ⌈log₂⌉ of the result twice at most; what fits n must fit fewer.
 *
 * Laws: the result fits, and the next multiple does not or is beyond `most`; it never falls with more memory.
 *
 * @example
 * const params = { w: new Float32Array(1000) }
 * // 4000 bytes of params, as much of gradients, 8016 of state: 83 984 are left.
 * largestBatch({ memoryBytes: 100_000, params, optimizer: adam(1e-3), activationBytes: (n) => 2000 * n }) // => 41
 *
 * const tried: number[] = []
 * const tryBatch = (n: number) => {
 *   tried.push(n)
 *   if (n > 20) throw new RangeError('Array buffer allocation failed')
 * }
 * largestBatch({ tryBatch, multipleOf: 4 }) // => 20
 * tried // => [4, 8, 16, 32, 24, 20]
 *
 * @throws InvalidOption when an option is missing or outside its range, and when not even the smallest batch fits; when that one was tried
 * and threw, what it threw.
 * @see scaleLearningRate, for the rate of the size that comes out
 */
export function largestBatch(options: CountedBatchOptions): number
export function largestBatch<R extends Trial | PromiseLike<Trial>>(
  options: TriedBatchOptions<R>
): R extends PromiseLike<unknown> ? Promise<number> : number
export function largestBatch(
  options: CountedBatchOptions | TriedBatchOptions<Trial | PromiseLike<Trial>>
): number | Promise<number> {
  const isTried = typeof options === 'object' && options !== null && 'tryBatch' in options
  return isTried ? byTrial(options) : byCount(options)
}

const byCount = (options: CountedBatchOptions): number => {
  const { memoryBytes, activationBytes, params, optimizer, most, multipleOf } = withDefaults<
    Required<CountedBatchOptions>
  >('largestBatch', options, {
    ...{ memoryBytes: required, activationBytes: required, params: required },
    ...{ optimizer: identity() as AnyGradientTransformation, most: MOST, multipleOf: 1 }
  })
  check('largestBatch', { memoryBytes }, someBytes)
  check('largestBatch', { activationBytes }, callable)
  const search = searchOf(most, multipleOf)
  const counted = stateBytes(optimizer, params)
  const fixed = 2 * counted.params + counted.state
  const bytesOf = (n: number): number => {
    const bytes = activationBytes(n)
    check('largestBatch', { [`activationBytes(${n})`]: bytes }, bytesOrNone)
    return fixed + bytes
  }
  let step = search.next()
  while (step.done !== true) step = search.next(bytesOf(step.value) <= memoryBytes)
  if (step.value > 0) return step.value
  throw new InvalidOption(
    `largestBatch: memoryBytes must be at least ${bytesOf(multipleOf)}, for a batch of ${multipleOf}, got ${show(memoryBytes)}`
  )
}

const byTrial = (options: TriedBatchOptions<Trial | PromiseLike<Trial>>): number | Promise<number> => {
  const { tryBatch, tries, most, multipleOf } = withDefaults<Required<TriedBatchOptions<Trial | PromiseLike<Trial>>>>(
    'largestBatch',
    options,
    { tryBatch: required, tries: 64, most: MOST, multipleOf: 1 }
  )
  check('largestBatch', { tryBatch }, callable)
  check('largestBatch', { tries }, positiveInteger)
  const search = searchOf(most, multipleOf, tries)
  let failure: { readonly error: unknown } | undefined
  const failed = (error: unknown): boolean => {
    failure ??= { error }
    return false
  }
  const wentWell = (trial: Trial): boolean => {
    check('largestBatch', { 'the result of tryBatch': trial }, aTrial)
    return trial !== false
  }
  const ended = (best: number, n: number): number => {
    if (best > 0) return best
    if (failure !== undefined) throw failure.error
    throw new InvalidOption(`largestBatch: tryBatch must hold for a batch of ${n}, got false`)
  }
  const goOn = (fits?: boolean): number | Promise<number> => {
    let step = fits === undefined ? search.next() : search.next(fits)
    while (step.done !== true) {
      let trial: Trial | PromiseLike<Trial> = false
      try {
        trial = tryBatch(step.value)
      } catch (error) {
        failed(error)
      }
      if (isPromise(trial)) return Promise.resolve(trial).then(wentWell, failed).then(goOn)
      step = search.next(wentWell(trial))
    }
    return ended(step.value, multipleOf)
  }
  return goOn()
}

const MOST = 2 ** 20

/** The sizes to be looked at, one after the other, each as it went with those before; in the end the largest that fits, 0 for none. */
function* sizes(most: number, multipleOf: number, tries: number): Generator<number, number, boolean> {
  // In multiples: the largest that is known to fit, and the least that is known not to.
  let best = 0
  let beyond = Infinity
  const last = Math.floor(most / multipleOf)
  for (let tried = 0; tried < tries && best + 1 < beyond && best < last; tried++) {
    const next = beyond === Infinity ? Math.min(Math.max(1, 2 * best), last) : Math.floor((best + beyond) / 2)
    if (yield next * multipleOf) best = next
    else beyond = next
  }
  return best * multipleOf
}

const searchOf = (most: number, multipleOf: number, tries = Infinity): Generator<number, number, boolean> => {
  check('largestBatch', { most, multipleOf }, positiveInteger)
  if (multipleOf > most) {
    throw new InvalidOption(`largestBatch: most must be at least multipleOf, ${multipleOf}, got ${most}`)
  }
  return sizes(most, multipleOf, tries)
}

const isPromise = (trial: unknown): trial is PromiseLike<Trial> =>
  typeof trial === 'object' && trial !== null && 'then' in trial

const someBytes: Requirement = { what: 'a number > 0', holds: (value) => typeof value === 'number' && value > 0 }
const bytesOrNone: Requirement = { what: 'a number ≥ 0', holds: (value) => typeof value === 'number' && value >= 0 }
const aTrial: Requirement = {
  what: 'true, false, or nothing',
  holds: (value) => value === undefined || typeof value === 'boolean'
}
