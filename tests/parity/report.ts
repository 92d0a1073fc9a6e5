import { mkdirSync, writeFileSync } from 'node:fs'
import type { Difference } from './compare.js'
import type { Source } from './load.js'

/** The largest differences of one run; a docs page is made of these. */
export interface Row {
  readonly name: string
  /** The Optax expression. */
  readonly expression: string
  readonly tree?: string
  readonly dtype: string
  readonly relative: number
  readonly ulps: number
  /** Why another result is meant, where it is. */
  readonly because?: string
}

/** The row of a run; differences that are not finite become `null` in JSON. */
export const rowOf = (
  run: Pick<Row, 'name' | 'expression' | 'tree' | 'dtype'>,
  { relative, ulps }: Difference,
  because?: string
): Row => ({
  name: run.name,
  expression: run.expression,
  ...(run.tree === undefined ? {} : { tree: run.tree }),
  dtype: run.dtype,
  relative,
  ulps,
  ...(because === undefined ? {} : { because })
})

/** Writes the rows, worst first, to `tests/parity/.cache/<name>.json`, which git ignores. */
export const writeReport = (name: string, source: Source, rows: readonly Row[]): void => {
  const folder = new URL('./.cache/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const sorted = [...rows].sort((a, b) => b.relative - a.relative)
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ ...source, rows: sorted }, null, 1)}\n`)
}
