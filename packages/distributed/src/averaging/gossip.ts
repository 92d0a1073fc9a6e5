import {
  type AnyGradientTransformation,
  add,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  type Leaf,
  mul,
  type Operand,
  type StateOf,
  show,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'
import { together } from '../internal/together.js'

/** Options of {@link gossip}. */
export interface GossipOptions {
  /**
   * The shares W of the params that ranks take of each other, the same on all ranks: a doubly stochastic matrix with a row for each rank; or the ring, in which each takes a
   * third of its own and of either neighbour's, two ranks half. @defaultValue `'ring'`
   */
  readonly mixing?: 'ring' | readonly (readonly number[])[]
}

/** State of {@link gossip}. */
export interface GossipState<Inner> {
  /** State of the inner transformation, which stays that of this rank. */
  readonly innerState: Inner
}

/**
 * Mixes the params of each rank with those of its neighbours, in every step: nobody waits for all others, and what a rank sends does not grow with their number.
 *
 * For the params pᵣ of the ranks r = 0 … n − 1, with the inner updates vᵣ at pᵣ:
 *
 *     pᵣ ← Σₛ Wᵣₛ pₛ + vᵣ        computed as pᵣ + vᵣ + Σₛ Wᵣₛ (pₛ − pᵣ)
 *
 * Rows and columns of W add up to 1, so that the mean over ranks moves by the mean update, and ranks that agree stay where they are. They come together by the second
 * largest magnitude of an eigenvalue of W in each step: fast where everyone takes of many, by 1 − O(1/n²) on a ring. A rank that takes none of another's asks for none: each
 * distance r − s at which W has a share anywhere is an exchange of all.
 *
 * The params of ranks stay different; take their mean in the end, `comm.allReduce(params, { op: 'mean' })`. What {@link localSgd} says of ranks,
 * data and the place in a chain holds here.
 *
 * Laws: the mean over ranks moves by the mean of the inner updates, up to rounding; ranks with equal params have those of `inner`, as has one alone; shares of 1 / n
 * everywhere are the mean in each step.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = gossip(sgd(0.5), solo())
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * gossip(sgd(0.5), solo(), { mixing: [[0.5]] })
 * // => throws InvalidOption: gossip: mixing must be "ring" or a doubly stochastic matrix of 1 × 1 shares, got row 0 with the sum 0.5
 *
 * @throws InvalidOption at construction, for what is no communicator, and for a matrix that is not doubly stochastic; at update, CommunicationError when
 * ranks have params of different forms, with rank and path, or one is late or lost.
 * @see Lian et al. (2017), Can Decentralized Algorithms Outperform Centralized Algorithms? A Case Study for Decentralized Parallel Stochastic Gradient Descent,
 * algorithm 1, {@link https://arxiv.org/abs/1705.09056}
 */
export const gossip = <T extends AnyGradientTransformation>(
  inner: T,
  comm: Communicator,
  options: GossipOptions = {}
): GradientTransformation<GossipState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('gossip', inner)
  const { mixing } = withDefaults<Required<GossipOptions>>('gossip', options, { mixing: 'ring' })
  check('gossip', { comm }, aCommunicator)
  const { rank, size } = comm
  const shares = mixing === 'ring' ? ring(size) : mixing
  const flaw = flawOf(shares, size)
  if (flaw !== null) {
    throw new InvalidOption(
      `gossip: mixing must be "ring" or a doubly stochastic matrix of ${size} × ${size} shares, got ${flaw}`
    )
  }
  const neighbours = neighboursOf(shares, rank)

  return transformation<GossipState<StateOf<T>>, ExtraOf<T>>({
    origin: ['gossip', inner, comm, { ...options }],
    init: (params) => ({ innerState: init(params) as StateOf<T> }),
    update: (updates, state, params, extra) => {
      const own = tree.widen(params)
      const theirs = together(
        'exchange',
        neighbours.map(() => own),
        (copies) => {
          const pending = neighbours.map(({ to, from }, i) =>
            comm.exchange((copies as readonly Tree<Leaf>[])[i], { to, from })
          )
          return pending.map((params) => params.wait()) as Tree<Leaf>
        }
      ) as readonly Tree[]
      const [moved, innerState] = update(updates, state.innerState, params, extra)
      const mixed = theirs.reduce((sum, other, i) => {
        const share = neighbours[i]?.share ?? 0
        return share === 0 ? sum : tree.map((u: Operand, p, q) => add(u, mul(share, sub(q, p))), sum, own, other)
      }, moved)
      return [mixed, { innerState: innerState as StateOf<T> }]
    }
  })
}

/** With whom a rank exchanges params. */
interface Neighbour {
  readonly to: number
  readonly from: number
  /** How much it takes of what it gets. */
  readonly share: number
}

/** An exchange for each distance at which any rank takes a share of another, so that all take part in each. */
const neighboursOf = (shares: readonly (readonly number[])[], rank: number): readonly Neighbour[] => {
  const size = shares.length
  const before = (r: number, distance: number): number => (r - distance + size) % size
  const shareAt = (r: number, distance: number): number => shares[r]?.[before(r, distance)] ?? 0
  return shares.flatMap((_, distance) =>
    distance > 0 && shares.some((_, r) => shareAt(r, distance) > 0)
      ? [{ to: (rank + distance) % size, from: before(rank, distance), share: shareAt(rank, distance) }]
      : []
  )
}

/** Equal shares of oneself and of the neighbours on either side. */
const ring = (size: number): readonly (readonly number[])[] => {
  const shareOf = (distance: number): number => (Math.min(distance, size - distance) <= 1 ? 1 / Math.min(3, size) : 0)
  return Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, s) => shareOf(Math.abs(r - s))))
}

/** What keeps shares from being a doubly stochastic matrix of so many rows. */
const flawOf = (shares: unknown, size: number): string | null => {
  if (!Array.isArray(shares) || shares.length !== size) return show(shares)
  const rows: readonly unknown[] = shares
  for (const [r, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== size) return `${show(row)} for row ${r}`
    const wrong = row.find((share) => typeof share !== 'number' || !(share >= 0))
    if (wrong !== undefined) return `a share of ${show(wrong)} in row ${r}`
  }
  const matrix = rows as readonly (readonly number[])[]
  const columns = matrix.map((_, s) => matrix.map((row) => row[s] as number))
  for (const [name, lines] of Object.entries({ row: matrix, column: columns })) {
    const sums = lines.map((line) => line.reduce((sum, share) => sum + share, 0))
    const at = sums.findIndex((sum) => !(Math.abs(sum - 1) <= ROUNDING))
    if (at >= 0) return `${name} ${at} with the sum ${sums[at]}`
  }
  return null
}

/** How far from 1 shares may add up that were written to some digits, or computed. */
const ROUNDING = 1e-9
