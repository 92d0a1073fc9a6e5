import { mkdirSync, writeFileSync } from 'node:fs'
import type { Difference } from './compare.js'
import type { Source } from './load.js'

/** The largest differences of one run; a docs page is made of these. */
export interface Row {
  readonly name: string
  /** The Optax or the PyTorch expression. */
  readonly expression: string
  /** Ours. */
  readonly ours?: string
  readonly tree?: string
  readonly dtype: string
  readonly relative: number
  readonly ulps: number
  /** Why another result is meant, where it is. */
  readonly because?: string
}

/** The row of a run; differences that are not finite become `null` in JSON. */
export const rowOf = (
  run: Pick<Row, 'name' | 'expression' | 'ours' | 'tree' | 'dtype'>,
  { relative, ulps }: Difference,
  because?: string
): Row => ({
  name: run.name,
  expression: run.expression,
  ...(run.ours === undefined ? {} : { ours: run.ours }),
  ...(run.tree === undefined ? {} : { tree: run.tree }),
  dtype: run.dtype,
  relative,
  ulps,
  ...(because === undefined ? {} : { because })
})

/** A symbol of the catalogue: what docs/parity.md must have a row for. */
export interface Symbol {
  readonly name: string
  readonly kind: string
  /** The same in Optax, where it is there. */
  readonly optax: string | null
  /** The cases of `torch.ts` whose expression uses it. */
  readonly torch: readonly string[]
  /** The rows of `torchSchedules.ts` whose expression uses it. */
  readonly torchSchedules: readonly string[]
}

const write = (name: string, content: object): void => {
  const folder = new URL('./.cache/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(content, null, 1)}\n`)
}

/** Writes the symbols, and our expressions for PyTorch's schedulers, to `tests/parity/.cache/symbols.json`. */
export const writeSymbols = (symbols: readonly Symbol[], schedulers: Readonly<Record<string, string>>): void =>
  write('symbols', { symbols, schedulers })

/** Writes the rows, worst first, to `tests/parity/.cache/<name>.json`, which git ignores. */
export const writeReport = (name: string, source: Source, rows: readonly Row[]): void => {
  write(name, { ...source, rows: [...rows].sort((a, b) => b.relative - a.relative) })
}
