import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  type Leaf,
  leaveOutAbsent,
  type Operand,
  type StateOf,
  type Tree,
  transformation
} from '@gradchain/core'
import { hostCall, isWhole, keepWhole } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { gatherAlike } from '../internal/forms.js'
import { mixingOf } from '../internal/mixing.js'
import { ownersOf, shardOf } from '../internal/owners.js'
import { aCommunicator } from '../internal/requirements.js'
import { standing } from '../internal/standing.js'

/** State of {@link shardedState}. */
export interface ShardedState<Inner> {
  /** This rank's part of the state of the inner transformation, with `null` in place of the leaves of other ranks. */
  readonly innerState: Inner
}

/**
 * Shares the state of a transformation out among ranks: each keeps and updates that of its part of the params, and gets from the others
 * what becomes of theirs. With n ranks a rank has about 1 / n of the state: the first stage of ZeRO.
 *
 *     uᵢ = inner(g)ᵢ    computed by the rank that leaf i belongs to, and sent to all
 *
 * Leaves stay whole, so that what is done per leaf, a trust ratio or a factored moment, is done as ever; the largest first, each goes to the rank with
 * the fewest bytes. A leaf larger than all others together is the part of one rank: split it, if that is too much.
 *
 * **It does not average gradients**: they must be the same on all ranks, as after {@link allReduceMean}: `chain(allReduceMean(comm), shardedState(adam(1e-3), comm))`.
 * Every rank must make the same steps. What draws random numbers for each leaf draws others than without shards.
 *
 * For checkpoints {@link gatherState} makes of all parts the state that `inner` alone would have, and {@link shardState} this rank's part of it again, for
 * any number of ranks.
 *
 * Laws: to the bit what `inner` does; with one rank `inner`.
 *
 * @param inner - a transformation that treats each leaf by itself. For norms of all leaves there is {@link clipByShardedGlobalNorm}, or a place
 * before this one.
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * const comm = solo()
 * const tx = chain(allReduceMean(comm), shardedState(trace(0.5), comm))
 * const params = { w: new Float32Array(2) }
 * const [, state] = tx.update({ w: new Float32Array([1, 2]) }, tx.init(params), params)
 * state[1] // => { innerState: { count: 1, trace: { w: Float32Array [1, 2] } } }
 *
 * @throws InvalidOption at construction, for what is no transformation or no communicator; at init, when `inner` treats leaves together; at update,
 * CommunicationError when ranks have params of different forms, or one is late or lost.
 * @see Rajbhandari et al. (2020), ZeRO: Memory Optimizations Toward Training Trillion Parameter Models, section 5.1,
 * {@link https://arxiv.org/abs/1910.02054}
 */
export const shardedState = <T extends AnyGradientTransformation>(
  inner: T,
  comm: Communicator
): GradientTransformation<ShardedState<StateOf<T>>, ExtraOf<T>> => {
  const definition = definitionOf('shardedState', inner)
  const { init, update } = definition
  check('shardedState', { comm }, aCommunicator)
  const { rank, size } = comm

  return transformation<ShardedState<StateOf<T>>, ExtraOf<T>>({
    origin: ['shardedState', inner, comm],
    init: (params) => {
      const mixing = size === 1 ? undefined : mixingOf(definition as never, params)
      if (mixing !== undefined) {
        throw new InvalidOption(
          `shardedState: inner must treat each leaf by itself, but ${mixing}; clipByShardedGlobalNorm takes the norm of all shards, and other things may come before`
        )
      }
      return { innerState: init(shardOf(params, ownersOf(params, size), rank)) as StateOf<T> }
    },
    update: (updates, { innerState }, params, extra) => {
      const owners = ownersOf(params, size)
      const moving = leaveOutAbsent(owners as Tree, updates) as Tree<number>
      const own = shardOf(updates, moving, rank)
      const [transformed, next] = update(own, innerState, shardOf(params, owners, rank), extra)
      const mine = leaveOutAbsent(transformed, own)
      const whole = wholeIn(mine)
      const parts = hostCall(mine, (arrays) => gatherAlike(comm, 'shardedState', updates, { updates: arrays, whole }))
      return [joined(updates, moving, { updates: mine, whole }, parts, rank), { innerState: next as StateOf<T> }]
    },
    takesNull: true
  })
}

/** What becomes of the part of a rank. */
interface Part<L extends Operand = Operand> {
  readonly updates: Tree<L>
  /** For each of its leaves whether it is not rounded to 16 bits, or `null` where all are. */
  readonly whole: Tree<number> | null
}

const wholeIn = (mine: Tree): Tree<number> | null => {
  const whole = tree.map((u: Operand) => Number(isWhole(u)), mine as Tree<Operand>) as Tree<number>
  return tree.leaves<number>(whole).includes(1) ? whole : null
}

/** The leaves of all ranks: this one's as they were computed here, those of others as they came. */
const joined = (updates: Tree, owners: Tree<number>, mine: Part, parts: readonly Part<Leaf>[], rank: number): Tree => {
  // By name: other ranks may have their keys in another order.
  const leavesOf = (part: Part, owner: number): Operand[] => {
    const found: Operand[] = []
    const shard = shardOf(updates as Tree<Operand>, owners, owner)
    tree.map(
      (g: Operand, leaf: Operand, isKept: number) => {
        const own = owner === rank ? leaf : standing('shardedState', g, leaf as Leaf)
        found.push(isKept === 1 ? keepWhole(own) : own)
        return 0
      },
      shard,
      part.updates,
      part.whole ?? tree.map(() => 0, shard)
    )
    return found
  }
  const all = parts.map((part, r) => leavesOf(r === rank ? mine : part, r))
  const used = new Uint32Array(parts.length)
  return tree.map(
    (_: Operand, owner: number) => {
      const at = used[owner] as number
      used[owner] = at + 1
      return all[owner]?.[at] as Operand
    },
    updates as Tree<Operand>,
    owners
  )
}
