import {
  check,
  finite,
  InvalidOption,
  inClosedUnitInterval,
  inUnitInterval,
  type Key,
  nonNegativeInteger,
  positiveInteger,
  random,
  required,
  show,
  withDefaults
} from '@gradchain/core'

/** Options of {@link curriculum}. */
export interface CurriculumOptions {
  /** How many levels there are, the easiest first: a whole number ≥ 1. */
  readonly levels: number
  /** At which loss a level is mastered: a finite number. */
  readonly masteredAt: number
  /** How much of the average loss of a level stays when one is told, in [0, 1). @defaultValue `0.9` */
  readonly decay?: number | undefined
  /** How many losses of a level must be told before it can be mastered, a whole number ≥ 1. @defaultValue `5` */
  readonly patience?: number | undefined
  /** Which share of the weights is the same for all levels that are open, in [0, 1]. @defaultValue `0.2` */
  readonly floor?: number | undefined
}

/** State of {@link curriculum}. */
export interface CurriculumState {
  /** The hardest level that is open, from 0. */
  readonly level: number
  /** How many losses of each level were told. */
  readonly counts: readonly number[]
  /** The average loss of each level; 0 where none was told. */
  readonly averages: readonly number[]
}

/** What comes next in training, out of how it goes: pure functions. */
export interface Curriculum {
  /** The state before anything is told. */
  readonly init: () => CurriculumState
  /** The state after a loss on an example of a level. One that is no finite number changes nothing. */
  readonly tell: (state: CurriculumState, level: number, loss: number) => CurriculumState
  /** How hard it is by now: 0 where only the easiest level is open, 1 where all are. */
  readonly difficulty: (state: CurriculumState) => number
  /** How often to train on each level: numbers ≥ 0 whose sum is 1. */
  readonly weights: (state: CurriculumState) => readonly number[]
  /** A level drawn by these weights. */
  readonly sample: (state: CurriculumState, key: Key) => number
}

/**
 * A curriculum that goes by performance: the next level opens when the hardest one that is open is mastered, and what is open is trained the
 * more, the further its loss is from being mastered, so that what is forgotten comes back.
 *
 * For the losses told of level i, with the average mᵢ ← β mᵢ + (1 − β) loss over them, freed of its bias by 1 − βⁿ:
 *
 *     level k + 1 opens when n ≥ patience and m̂ₖ ≤ masteredAt
 *     excess:   eᵢ = max(0, m̂ᵢ − masteredAt); of a level never told, the largest of the others, or 1
 *     weights:  wᵢ = φ / K + (1 − φ) eᵢ / Σ e      for the K levels that are open, φ = floor;  all alike where Σ e = 0
 *
 * Laws: the level never falls; weights are ≥ 0 and add up to 1; levels that are not open have weight 0; losses and masteredAt scaled alike
 * change nothing once each open level was told.
 *
 * @example
 * const lessons = curriculum({ levels: 3, masteredAt: 0.1, patience: 2, decay: 0 })
 * let state = lessons.init()
 * lessons.weights(state) // => [1, 0, 0]
 * for (const loss of [0.5, 0.05]) state = lessons.tell(state, 0, loss)
 * lessons.difficulty(state) // => 0.5
 * state = lessons.tell(state, 1, 0.3)
 * lessons.weights(state) // => [0.1, 0.9, 0]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a level that is not open and for a loss that is
 * no number.
 * @see Bengio et al. (2009) for curricula, Graves et al. (2017), Automated Curriculum Learning for Neural Networks,
 * {@link https://arxiv.org/abs/1704.03003}, for weights out of losses
 */
export const curriculum = (options: CurriculumOptions): Curriculum => {
  const given = withDefaults<Required<CurriculumOptions>>('curriculum', options, {
    levels: required,
    masteredAt: required,
    decay: 0.9,
    patience: 5,
    floor: 0.2
  }) as { [K in keyof CurriculumOptions]-?: number }
  const { levels, masteredAt, decay, patience, floor } = given
  check('curriculum', { levels, patience }, positiveInteger)
  check('curriculum', { masteredAt }, finite)
  check('curriculum', { decay }, inUnitInterval)
  check('curriculum', { floor }, inClosedUnitInterval)

  /** The average without its bias towards 0. */
  const averageOf = ({ counts, averages }: CurriculumState, level: number): number => {
    let left = 1
    for (let i = 0; i < (counts[level] as number) && left > 0; i++) left *= decay
    return (averages[level] as number) / (1 - left)
  }

  const weights = (state: CurriculumState): readonly number[] => {
    const open = state.level + 1
    const told = Array.from({ length: open }, (_, level) =>
      state.counts[level] === 0 ? null : Math.max(0, averageOf(state, level) - masteredAt)
    )
    const largest = Math.max(0, ...told.map((excess) => excess ?? 0)) || 1
    // As shares of the largest, so that their sum does not overflow.
    const shares = told.map((excess) => (excess ?? largest) / largest)
    const total = shares.reduce((sum, share) => sum + share, 0)
    return Array.from({ length: levels }, (_, level) => {
      if (level >= open) return 0
      if (total === 0) return 1 / open
      return floor / open + ((1 - floor) * (shares[level] as number)) / total
    })
  }

  return {
    init: () => ({
      level: 0,
      counts: Array.from({ length: levels }, () => 0),
      averages: Array.from({ length: levels }, () => 0)
    }),
    tell: (state, level, loss) => {
      check('curriculum', { level }, nonNegativeInteger)
      if (level > state.level) {
        throw new InvalidOption(`curriculum: level must be open, one from 0 to ${state.level}, got ${level}`)
      }
      if (typeof loss !== 'number') throw new InvalidOption(`curriculum: loss must be a number, got ${show(loss)}`)
      if (!Number.isFinite(loss)) return state
      const counts = state.counts.map((count, i) => (i === level ? count + 1 : count))
      const averages = state.averages.map((average, i) =>
        i === level ? decay * average + (1 - decay) * loss : average
      )
      const next = { level: state.level, counts, averages }
      const isMastered =
        level === state.level && (counts[level] as number) >= patience && averageOf(next, level) <= masteredAt
      return isMastered ? { ...next, level: Math.min(levels - 1, level + 1) } : next
    },
    difficulty: ({ level }) => (levels === 1 ? 1 : level / (levels - 1)),
    weights,
    sample: (state, key) => {
      let left = random.uniform(key, [], { dtype: 'float64' }).data[0] as number
      const shares = weights(state)
      for (let level = 0; level < state.level; level++) {
        left -= shares[level] as number
        if (left < 0) return level
      }
      return state.level
    }
  }
}
