import type { Data, Kind } from '../array/dtype.js'
import { type Expr, leafOf } from './expr.js'
import { isLeaf, Tape } from './tape.js'

/** A tape whose leaves are about one array in one step and about another in the next, and about none in between. */
export class BindingTape extends Tape {
  /** The leaves of this step. */
  readonly #bound: Expr[] = []

  leaf(kind: Kind, shape: readonly number[] | null, data: Data): Expr {
    const node = this.find((known) => isLeaf(known, kind, shape, data.length)) ?? this.record(leafOf(kind, shape, data))
    node.data = data
    this.#bound.push(node)
    return node
  }

  override rewind(): void {
    for (let i = 0; i < this.#bound.length; i++) (this.#bound[i] as Expr).data = null
    this.#bound.length = 0
    super.rewind()
  }
}
