import type { Child, Detail, Expr } from './expr.js'

interface Original {
  readonly node: Expr
  readonly op: number
  readonly a: Child | null
  readonly b: Child | null
  readonly c: Child | null
  readonly more: readonly Expr[] | null
  readonly detail: Detail
}

/** What nodes were before they got their values, so that they can be made lazy again. */
export class Originals {
  readonly #kept: Original[] = []
  readonly #nodes: Expr[] = []

  /** The nodes kept, in order. */
  get nodes(): readonly Expr[] {
    return this.#nodes
  }

  /** Notes what a node is that has no value yet. */
  keep(node: Expr): void {
    const { op, a, b, c, more, detail } = node
    this.#kept.push({ node, op, a, b, c, more, detail })
    this.#nodes.push(node)
  }

  /** Makes the nodes what they were, and forgets them. */
  restore(): void {
    for (const { node, op, a, b, c, more, detail } of this.#kept) {
      node.op = op
      node.a = a
      node.b = b
      node.c = c
      node.more = more
      node.detail = detail
      node.data = null
      node.isFresh = false
    }
    this.#kept.length = 0
    this.#nodes.length = 0
  }
}
