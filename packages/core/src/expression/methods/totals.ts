import { type Domain, paddedLength } from '../domain.js'
import { type Expr, fill } from '../expr.js'
import type { Stretch, Totals } from '../reducing.js'
import { addBlocks, idleOf, SUM_BLOCK } from '../sum.js'

/** The totals of one array, stretch by stretch, or one of each of many arrays side by side, as many at a time as fit. */
export class StagedTotals implements Totals {
  readonly atLeast: number
  readonly #reductions: readonly Expr[]
  readonly #domain: Domain | null
  readonly #totals: readonly Float64Array[]
  /** The arrays of the next stretch. */
  #first = 0
  #end = 0

  constructor(reductions: readonly Expr[], domain: Domain | null) {
    const lengths = domain?.lengths ?? Int32Array.of(0)
    this.#reductions = reductions
    this.#domain = domain
    this.#totals = reductions.map(({ op }) => new Float64Array(lengths.length).fill(idleOf(op)))
    this.atLeast = lengths.reduce((most, length) => Math.max(most, paddedLength(length)), 0)
  }

  next(at: number, size: number, block: number): number {
    const starts = this.#domain?.starts
    if (starts === undefined) {
      this.#end = 1
      return Math.min(block, size - at)
    }
    const beginOf = (i: number): number => starts[i] ?? size
    this.#first = this.#end
    this.#end += 1
    while (this.#end < starts.length && beginOf(this.#end + 1) - at <= block) this.#end += 1
    return beginOf(this.#end) - at
  }

  take({ at, count, run, blocks, slots }: Stretch): void {
    const firsts = slots.slice(-this.#reductions.length).map((address) => address / 8)
    for (let i = this.#first; i < this.#end; i++) {
      const from = this.#domain === null ? 0 : (this.#domain.starts[i] as number) - at
      const length = this.#domain === null ? count : (this.#domain.lengths[i] as number)
      if (length === 0) continue
      run(0, from, from + length)
      this.#reductions.forEach(({ op }, j) => {
        const totals = this.#totals[j] as Float64Array
        const first = (firsts[j] as number) + Math.floor(from / SUM_BLOCK)
        totals[i] = addBlocks(op, totals[i] as number, blocks, first, length)
      })
    }
  }

  finish(): void {
    this.#reductions.forEach((node, j) => {
      const totals = this.#totals[j] as Float64Array
      fill(node, this.#domain === null ? (totals[0] as number) : totals)
    })
  }
}
