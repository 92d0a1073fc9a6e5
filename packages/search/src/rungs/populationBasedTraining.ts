import {
  callable,
  check,
  InvalidOption,
  inClosedUnitInterval,
  type Key,
  positive,
  positiveInteger,
  random,
  required,
  show,
  withDefaults
} from '@gradchain/core'
import { type Axis, axesOf, configAt, drawnPlaces, placeOf, pointOf, unitNumbers, valueAt } from '../internal/axes.js'
import { isUsable } from '../internal/ranked.js'
import { checkTold } from '../internal/trialSearch.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'
import type { Space } from '../spaces/types.js'

/** Options of {@link populationBasedTraining}. */
export interface PopulationBasedTrainingOptions<Carry> {
  /** What a member begins with, by its number: params and the state of its optimizer, as one value. */
  readonly start: (member: number) => Carry
  /** How many members there are, a whole number ≥ 2. @defaultValue `10` */
  readonly population?: number | undefined
  /** Which share of the members, the worst, take over from as many of the best: in [0, 1/2]. @defaultValue `0.2` */
  readonly exploitShare?: number | undefined
  /** How likely a hyperparameter is drawn anew where one takes over, in [0, 1]. @defaultValue `0.25` */
  readonly resampleProbability?: number | undefined
  /** What else a number is multiplied by, one of these: numbers > 0, at least one. @defaultValue `[0.8, 1.2]` */
  readonly factors?: readonly number[] | undefined
  /** After how many rounds it stops, a whole number ≥ 1. @defaultValue no end */
  readonly rounds?: number | undefined
}

/** A member of the population, as it is to be trained on. */
export interface PopulationMember<Config, Carry> {
  /** Its number, from 0. */
  readonly member: number
  /** How many rounds of training it has had. */
  readonly round: number
  /** The hyperparameters of the next one. */
  readonly config: Config
  /** What its training has come to; it is told with what it came to next. */
  readonly carry: Carry
  /** Of which member it has the carry and the hyperparameters; its own number where it goes on. */
  readonly from: number
}

/** State of {@link populationBasedTraining}. */
export interface PopulationState<Config, Carry> {
  /** The members as they were told, or as they are being trained; empty before the first question. */
  readonly members: readonly PopulationMember<Config, Carry>[]
  /** Their last losses; `null` where it was no finite number or there is none. */
  readonly losses: readonly (number | null)[]
  /** Which of the members are being trained. */
  readonly training: readonly number[]
  /** The best that was told; `null` before there is one. */
  readonly best: { readonly candidate: PopulationMember<Config, Carry>; readonly loss: number } | null
}

/**
 * Population based training: the members train side by side; now and then the worst take over the params of the best, with hyperparameters that
 * differ a little. So it finds schedules of hyperparameters, in the time of one training.
 *
 * A question gives all members that are not being trained. Of n members that were told before, the ⌊share · n⌋ worst of them
 *
 *     exploit    take the carry and the hyperparameters of one of the ⌊share · n⌋ best, any of them
 *     explore    for each hyperparameter: drawn anew, or a number times one of the factors, kept within its ends
 *
 * and all others go on as they are. A whole number that would stay the same goes one up or down; a choice that is not drawn anew
 * stays.
 *
 * The carry is yours: train each candidate for one round, and tell `{ ...candidate, carry }` with what it came to. It is handed over by reference,
 * which is no danger among values; what is changed in place must be copied by whoever does that. Members may be told at once or one by one.
 * A member that failed is the worst.
 *
 * Laws: what is told in any order is the same; transformations of the losses that keep their order change nothing but the loss of `best`; one that
 * takes over has the very carry of another.
 *
 * @example
 * // The best rate for w² is 1/2: one step then reaches the minimum.
 * const strategy = populationBasedTraining(space({ rate: logUniform(1e-3, 1) }), { start: () => 1, population: 6 })
 * let state = strategy.init()
 * for (let round = 0; round < 8; round++) {
 *   const [members, asked] = strategy.ask(state, random.key(round))
 *   const trained = members.map((one) => ({ ...one, carry: one.carry - one.config.rate * 2 * one.carry }))
 *   state = strategy.tell(asked, trained, trained.map(({ carry }) => carry * carry))
 * }
 * (strategy.best(state)?.loss ?? 1) < 1e-3 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a member that is not being trained.
 * @see Jaderberg et al. (2017), Population Based Training of Neural Networks, {@link https://arxiv.org/abs/1711.09846}
 */
export const populationBasedTraining = <Config, Carry>(
  space: Space<Config>,
  options: PopulationBasedTrainingOptions<Carry>
): Omit<SearchStrategy<PopulationMember<Config, Carry>, PopulationState<Config, Carry>>, 'init'> & {
  /** The state before the first question. */
  readonly init: () => PopulationState<Config, Carry>
} => {
  const given = withDefaults<Required<PopulationBasedTrainingOptions<Carry>>>('populationBasedTraining', options, {
    start: required,
    population: 10,
    exploitShare: 0.2,
    resampleProbability: 0.25,
    factors: [0.8, 1.2],
    rounds: Number.MAX_SAFE_INTEGER
  }) as { [K in keyof PopulationBasedTrainingOptions<Carry>]-?: NonNullable<PopulationBasedTrainingOptions<Carry>[K]> }
  const { start, population, exploitShare, resampleProbability, factors, rounds } = given
  check('populationBasedTraining', { start }, callable)
  check(
    'populationBasedTraining',
    { population },
    {
      what: 'a whole number ≥ 2',
      holds: (value) => positiveInteger.holds(value) && value !== 1
    }
  )
  check('populationBasedTraining', { rounds }, positiveInteger)
  check(
    'populationBasedTraining',
    { exploitShare },
    {
      what: 'in [0, 1/2]',
      holds: (value) => typeof value === 'number' && value >= 0 && value <= 0.5
    }
  )
  check('populationBasedTraining', { resampleProbability }, inClosedUnitInterval)
  if (!Array.isArray(factors) || factors.length === 0 || !factors.every(positive.holds)) {
    throw new InvalidOption(
      `populationBasedTraining: factors must be a list of at least one number > 0, got ${show(factors)}`
    )
  }
  const axes = axesOf('populationBasedTraining', space)
  const rule = { resampleProbability, factors }

  type State = PopulationState<Config, Carry>
  type Member = PopulationMember<Config, Carry>

  const first = (key: Key): readonly Member[] =>
    Array.from({ length: population }, (_, member) => ({
      member,
      round: 0,
      config: configAt(axes, drawnPlaces(axes, random.foldIn(key, member))) as Config,
      carry: start(member),
      from: member
    }))

  /** How an idle member goes on. */
  const next = (state: State, member: Member, key: Key): Member => {
    const told = state.members.filter(({ round }) => round > 0).map((other) => other.member)
    const order = told.sort((a, b) => (state.losses[a] ?? Infinity) - (state.losses[b] ?? Infinity) || a - b)
    const moved = Math.floor(exploitShare * order.length)
    const rank = order.indexOf(member.member)
    if (rank < 0 || rank < order.length - moved) return { ...member, from: member.member }
    const [which, how] = random.split(key)
    const chosen = order[Math.floor((unitNumbers(which, 1)[0] as number) * moved)] as number
    const { config, carry } = state.members[chosen] as Member
    return { ...member, config: explored(axes, config, rule, how), carry, from: chosen }
  }

  const ask = (state: State, key: Key): readonly [readonly Member[], State] => {
    const members = state.members.length > 0 ? state.members : first(key)
    const idle = members.filter(({ member, round }) => !state.training.includes(member) && round < rounds)
    const known = { ...state, members }
    const candidates = idle.map((member) => next(known, member, random.foldIn(key, member.member)))
    const after = members.map((member) => candidates.find((other) => other.member === member.member) ?? member)
    return [
      candidates,
      { ...state, members: after, training: [...state.training, ...idle.map(({ member }) => member)] }
    ]
  }

  const tell = (state: State, candidates: readonly Member[], losses: readonly number[]): State => {
    checkTold('populationBasedTraining', candidates, losses)
    const members = [...state.members]
    const known = Array.from({ length: members.length }, (_, i) => state.losses[i] ?? null)
    let { training, best } = state
    candidates.forEach((candidate, i) => {
      const { member, round } = candidate
      if (!training.includes(member)) {
        throw new InvalidOption(`populationBasedTraining: candidates must be in training, got member ${show(member)}`)
      }
      pointOf('populationBasedTraining', axes, candidate.config)
      training = training.filter((other) => other !== member)
      const loss = losses[i] as number
      members[member] = { ...candidate, round: round + 1 }
      known[member] = isUsable(loss) ? loss : null
      if (isUsable(loss) && (best === null || loss < best.loss)) best = { candidate, loss }
    })
    return { members, losses: known, training, best }
  }

  return {
    init: () => ({ members: [], losses: [], training: [], best: null }),
    ask,
    tell,
    best: ({ best }) => best,
    stopped: ({ members, training }) =>
      members.length > 0 && training.length === 0 && members.every(({ round }) => round >= rounds) ? 'exhausted' : null
  }
}

/** A configuration near another. */
const explored = <Config>(
  axes: readonly Axis[],
  config: Config,
  { resampleProbability, factors }: { readonly resampleProbability: number; readonly factors: readonly number[] },
  key: Key
): Config => {
  const point = pointOf('populationBasedTraining', axes, config)
  const draws = unitNumbers(key, 3 * axes.length)
  const places = axes.map(({ dimension }, i) => {
    const u = point[i] ?? null
    const anew = draws[3 * i + 1] as number
    if (u === null || (draws[3 * i] as number) < resampleProbability) return anew
    if (dimension.kind === 'choice') return u
    const factor = factors[Math.floor((draws[3 * i + 2] as number) * factors.length)] as number
    const { kind, low, high } = dimension
    const value = valueAt(dimension, u) as number
    const scaled = value * factor
    const rounded = kind === 'integer' ? Math.round(scaled) : scaled
    const moved = kind === 'integer' && rounded === value ? value + Math.sign(scaled - value) : rounded
    return placeOf(dimension, Math.min(high, Math.max(low, moved))) as number
  })
  return configAt(axes, places) as Config
}
