import type { Pending } from './pending.js'

/**
 * What becomes of the numbers of all ranks: their sum, their mean, the largest or the smallest. NaN on one rank is NaN in the result, with
 * each of them, and −0 is less than 0.
 */
export type ReduceOp = 'sum' | 'mean' | 'max' | 'min'

/** Options of reductions over ranks. */
export interface ReduceOptions<T = unknown> {
  /** What becomes of the numbers of all ranks; integers have no mean. @defaultValue `'sum'` */
  readonly op?: ReduceOp
  /**
   * A tree of the form of the result, such as that of the last step, whose arrays take the numbers: to touch fresh memory takes as long as to reduce it. It is written
   * while the result comes, has memory of its own, and the result is made of it. When left out, the result is fresh.
   */
  readonly into?: T
}

/** With whom a rank exchanges trees. */
export interface ExchangePartners {
  /** The rank that gets this one's tree. */
  readonly to: number
  /** The rank whose tree this one gets. */
  readonly from: number
}

/**
 * A number of processes or threads that run the same program, its ranks, as one of them sees them. Each operation is called by all
 * ranks, in the same order, with trees of the same structure, shapes and dtypes: before any numbers are sent, ranks compare what they call,
 * and where they differ each of them gets the same error, which says who and where.
 *
 * A tree has params, gradients or a state at its leaves: numbers, typed arrays of any kind, arrays of gradchain, and besides them texts, truth values and
 * bigints, which must be the same on all ranks. Keys are matched by name, in any order. Results are fresh trees; what was given is never written, and
 * must not be written by others either before the result is there. Small arrays of a result share memory.
 *
 * The 16-bit dtypes are reduced in float32 and rounded once. Every rank has the same bits in the end. For more than two ranks, what a sum is to its last bits is up to
 * the communicator: do not expect those of one process.
 */
export interface Communicator {
  /** Which of the ranks this one is, from 0. */
  readonly rank: number
  /** How many ranks there are. */
  readonly size: number
  /** What carries the numbers, for messages: `solo`, `local`, `MPICH 4.0.2`. */
  readonly name: string
  /** Reduces the trees of all ranks, leaf by leaf and element by element; every rank gets the result. */
  readonly allReduce: <T>(tree: T, options?: ReduceOptions<T>) => Pending<T>
  /**
   * Reduces lists of trees, one tree for each rank, of which every rank gets its own: the item at its number. Items may be different from each other;
   * the list is the same on all ranks. The counterpart of {@link Communicator.allGather}.
   */
  readonly reduceScatter: <T>(parts: readonly T[], options?: ReduceOptions<T>) => Pending<T>
  /** The trees of all ranks, in their order; every rank gets the list. Alone of all operations, each rank may give a tree of another form. */
  readonly allGather: <T>(tree: T) => Pending<readonly T[]>
  /** The tree of the rank `root`, for all ranks; the others give one of the same form, whose numbers do not matter. @param root - 0 when left out. */
  readonly broadcast: <T>(tree: T, root?: number) => Pending<T>
  /**
   * Gives the tree to one rank and gets one from another. All ranks take part at once, and for each that sends there is one that awaits it; who
   * has no partner names itself, twice.
   */
  readonly exchange: <T>(tree: T, partners: ExchangePartners) => Pending<T>
  /** Waits until all ranks are here. */
  readonly barrier: () => Pending<void>
  /** Ends this rank's part in an orderly way, after the last result: nothing can be called afterwards. */
  readonly close: () => void
}
