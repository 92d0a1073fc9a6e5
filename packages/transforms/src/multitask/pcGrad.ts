import {
  add,
  check,
  div,
  type GradientTransformation,
  InvalidOption,
  type Key,
  keyOrSeed,
  less,
  mul,
  oneOf,
  optional,
  show,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { besideLike } from '../internal/besideOf.js'
import { quotient } from '../internal/quotient.js'

/** Options of {@link pcGrad}. */
export interface PcGradOptions {
  /** Whether the mean of the gradients is emitted or their sum, which is the paper's. @defaultValue `'mean'` */
  readonly reduction?: 'mean' | 'sum'
  /**
   * Where the order comes from in which a gradient meets the others, anew for each and at every step: a key, or a whole number for the
   * key of that seed. Without it that order is the one in which they are given. @defaultValue `undefined`
   */
  readonly key?: Key | number | undefined
}

/** State of {@link pcGrad}. */
export interface PcGradState {
  /** The key for the updates to come; `null` where there is none. */
  readonly rngKey: Key | null
}

/** What the update of {@link pcGrad} needs to be told. */
export interface PcGradExtra {
  /**
   * The gradients of the tasks after the first, each a tree like the params: zeros where a task has nothing to say, and `null` for what a
   * mask around leaves out.
   */
  readonly otherGradients: readonly Tree[]
}

/**
 * Makes one gradient out of those of several tasks, of which each gives up what goes against another: PCGrad, gradient surgery.
 *
 * The gradients handed over are those of the first task g₁, the extra argument has g₂ … gₙ. All leaves together, for each task i and
 * every other one j, one after the other:
 *
 *     gᵢ' ← gᵢ' − ⟨gᵢ', gⱼ⟩ / ‖gⱼ‖² · gⱼ       where ⟨gᵢ', gⱼ⟩ < 0, from gᵢ' = gᵢ
 *     u = Σᵢ gᵢ' / n                           (without n for the sum)
 *
 * It meets the gradients as they were given, not what became of them. With more than two tasks the order matters; the paper shuffles
 * it, which is what `key` is for.
 *
 * Laws: where no two gradients are opposed it is their mean, or their sum; of two tasks ⟨gᵢ', gⱼ⟩ ≥ 0, and without a key they may change
 * places; scaling all gradients scales the result; odd in all of them; one task is left alone.
 *
 * @example
 * const tx = pcGrad({ reduction: 'sum' })
 * const params = { w: [0, 0] }
 * const [u] = tx.update({ w: [2, 0] }, tx.init(params), params, { otherGradients: [{ w: [-1, 1] }] })
 * u.w.map((x) => x.toFixed(6)) // => ['1.000000', '2.000000']
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, without the gradients of the other tasks;
 * InvalidTree for some that do not fit the params.
 * @see Yu et al. (2020), Gradient Surgery for Multi-Task Learning, algorithm 1, {@link https://arxiv.org/abs/2001.06782}
 */
export const pcGrad = (options: PcGradOptions = {}): GradientTransformation<PcGradState, PcGradExtra> => {
  const { reduction, key } = withDefaults<Required<PcGradOptions>>('pcGrad', options, {
    reduction: 'mean',
    key: undefined
  })
  check('pcGrad', { reduction }, oneOf('mean', 'sum'))
  check('pcGrad', { key }, optional(keyOrSeed))
  const first = typeof key === 'number' ? random.key(key) : (key ?? null)

  return transformation<PcGradState, PcGradExtra>({
    origin: ['pcGrad', { ...options }],
    init: () => ({ rngKey: first }),
    update: (updates, { rngKey }, _params, extra) => {
      const given = tree.widen(updates)
      const gradients = [given, ...othersOf(given, extra?.otherGradients)]
      const norms = gradients.map((g) => tree.norm(g))
      const [next, now] = rngKey === null ? [null, null] : random.split(rngKey)
      const projected = gradients.map((gradient, i) =>
        orderOf(gradients.length, i, now).reduce((g, j) => {
          const other = gradients[j] as Tree
          const norm = norms[j] as Value
          const against = opposed(tree.vdot(g, other), norm)
          // Along the direction of the other, whose length may have no square.
          return tree.map((x, y) => sub(x, mul(against, quotient(y, norm))), g, other)
        }, gradient)
      )
      const sums = projected.reduce((sum, g) => tree.map(add, sum, g))
      const count = gradients.length
      return [reduction === 'sum' ? sums : tree.map((x) => div(x, count), sums), { rngKey: next }]
    }
  })
}

/** ⟨g, h⟩ / ‖h‖ where that is negative, and 0. */
const opposed = (product: Value, norm: Value): Value => where(less(product, 0), div(product, norm), 0)

/** The numbers of the other tasks, in the order in which task i meets them. */
const orderOf = (count: number, i: number, key: Key | null): readonly number[] => {
  const order = key === null ? Array.from({ length: count }, (_, j) => j) : shuffled(random.foldIn(key, i), count)
  return order.filter((j) => j !== i)
}

const shuffled = (key: Key, count: number): readonly number[] => Array.from(random.permutation(key, count))

/** The gradients of the other tasks, in the dtypes of the first. */
const othersOf = (like: Tree, others: unknown): readonly Tree[] => {
  if (!Array.isArray(others)) {
    throw new InvalidOption(`pcGrad: otherGradients must be an array of trees like the params, got ${show(others)}`)
  }
  return others.map((other, i) =>
    besideLike({ owner: 'pcGrad', name: `otherGradients[${i}]`, likeName: 'grads' }, other, like)
  )
}
