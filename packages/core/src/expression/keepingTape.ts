import type { Data, Kind } from '../array/dtype.js'
import { type Expr, leafOf } from './expr.js'
import { isLeaf, Tape } from './tape.js'

/**
 * A tape whose leaves keep their arrays. Where the array at a place is another one in another step, as the updates of a user's
 * own `{ init, update }` are, it is copied to the array of a leaf that stays.
 */
export class KeepingTape extends Tape {
  /** The leaves whose arrays are this tape's own. */
  readonly #movable = new WeakSet<Expr>()

  leaf(kind: Kind, shape: readonly number[] | null, data: Data): Expr {
    if (this.isAtEnd) return this.record(leafOf(kind, shape, data))
    const isFitting = (node: Expr): boolean => isLeaf(node, kind, shape, data.length)
    const same = this.find((node) => node.data === data && isFitting(node))
    if (same !== null) return same
    const moved = this.find((node) => this.#movable.has(node) && isFitting(node))
    if (moved !== null) {
      ;(moved.data as Data).set(data)
      return moved
    }
    const node = leafOf(kind, shape, data.slice())
    this.#movable.add(node)
    return this.record(node)
  }
}
