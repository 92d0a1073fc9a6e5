import type { Expr } from '../../expression/expr.js'
import type { Product, ProductPlaces } from '../../expression/product.js'
import type { Kernel } from '../wasm/kernel.js'
import type { Arena } from './arena.js'
import type { KernelOf } from './kernels.js'
import { type Launch, type RunLaunches, runHere } from './launches.js'

/** Room for the table of any part of a product, and how many parts there are at the most. */
const TABLE_BYTES = 64
const PARTS = 4
/** How many multiplications are worth waking other threads up. */
const WORTH_SHARING = 2 ** 20

/** What is done one after the other; the launches of each at the same time. */
type Phases = readonly (readonly Launch[])[]

/**
 * A product of matrices in an arena. How its operands lie, transposed or not, is looked at when it runs: in another step of
 * the same graph it may be otherwise.
 */
export class Multiplication {
  readonly #node: Expr
  readonly #prepare: (product: Product) => Phases
  #product: Product
  #phases: Phases

  constructor(node: Expr, prepare: (product: Product) => Phases) {
    this.#node = node
    this.#prepare = prepare
    this.#product = node.detail as Product
    this.#phases = prepare(this.#product)
  }

  /** Computes it: packs both operands, multiplies, and does what else there is. */
  run(arena: Arena, runLaunches: RunLaunches): void {
    const product = this.#node.detail as Product
    if (!isSameForm(product, this.#product)) {
      this.#phases = this.#prepare(product)
      this.#product = product
    }
    const { batch, m, n, k } = product
    const launch = batch * m * n * k < WORTH_SHARING ? runHere : runLaunches
    for (const launches of this.#phases) {
      for (const { table, pointers } of launches) arena.i32.set(pointers, table / 4)
      launch(launches)
    }
  }
}

/** A product between these places, its tables in the arena; `null` where there are no kernels for it. */
export const multiplicationOf = (
  node: Expr,
  arena: Arena,
  kernelOf: KernelOf,
  places: ProductPlaces
): Multiplication | null => {
  const { plan, assemble } = (node.detail as Product).method
  const isOneArray = places.a === places.b
  const parts = plan(node.detail as Product, node.kind, isOneArray, places)
  if (parts === null || parts.some(({ code }) => kernelOf(code, assemble) === null)) return null
  const tables = Array.from({ length: PARTS }, () => arena.take(TABLE_BYTES))
  return new Multiplication(node, (product) => {
    const launches = (plan(product, node.kind, isOneArray, places) ?? []).map(
      ({ code, words, size }, i): Launch => ({
        kernel: kernelOf(code, assemble) as Kernel,
        table: tables[i] as number,
        size,
        pointers: words,
        parts: null
      })
    )
    return [launches.slice(0, 2), ...launches.slice(2).map((launch) => [launch])]
  })
}

const isSameForm = (a: Product, b: Product): boolean =>
  a.transposeA === b.transposeA && a.transposeB === b.transposeB && a.symmetric === b.symmetric
