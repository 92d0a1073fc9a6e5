/** What the engine promises, and what a run measured of it. */
import { chains, type SizeName, sizeNames, sizes, sizeTitles } from './cases.js'
import type { Results } from './results.js'
import type { RivalName } from './rivals.js'

/** A promise: a ratio of two times that must not be above a limit. */
export interface Target {
  readonly claim: string
  readonly where: string
  /** NaN where one of the two was not measured. */
  readonly measured: number
  readonly limit: number
  readonly verdict: 'met' | '**missed**' | 'not measured'
}

const LARGE = 1_000_000
const MANY = 1000

/** What has promises of its own. */
const MODERN = ['ademamix', 'prodigy', 'scheduleFreeAdamw', 'cautiousAdamw'] as const

/** The promises, about AdamW unless they say otherwise, at every size of a run. */
export const targets = (results: Results): Target[] => {
  const all: Target[] = []
  const add = (claim: string, size: SizeName, measured: number, limit: number): void => {
    const verdict = Number.isNaN(measured) ? 'not measured' : measured <= limit ? 'met' : '**missed**'
    all.push({ claim, where: sizeTitles[size], measured, limit, verdict })
  }
  const atEach = (
    claim: string,
    ours: RivalName,
    theirs: RivalName,
    limit: (size: SizeName) => number | undefined
  ): void => {
    for (const size of sizeNames) {
      const most = limit(size)
      if (most !== undefined && results.has('adamw', size)) {
        add(claim, size, results.ratio('adamw', size, ours, theirs), most)
      }
    }
  }
  const isLarge = (size: SizeName): boolean => sizes[size].params >= LARGE
  const hasManyLeaves = (size: SizeName): boolean => sizes[size].leaves >= MANY

  atEach('`transient`, 1 thread ÷ hand-written loop in place', 'transient1', 'loopInPlace', (s) =>
    isLarge(s) ? 0.2 : hasManyLeaves(s) ? 1 : 0.35
  )
  atEach('`step` ÷ hand-written loop in place', 'step', 'loopInPlace', (s) => (hasManyLeaves(s) ? 4 : undefined))
  atEach('`transient` ÷ PyTorch fused, 1 thread each', 'transient1', 'torchFused1', () => 1)
  atEach('`transient` ÷ PyTorch fused, 2 threads each', 'transient2', 'torchFused2', () => 1)
  atEach('`transient` ÷ Optax donated, 1 thread each', 'transient1', 'optax1', () => 1)
  atEach('`transient` ÷ Optax donated, 2 threads each', 'transient2', 'optax2', () => 1)
  atEach('`transient`, 2 threads ÷ 1 thread', 'transient2', 'transient1', (s) => (isLarge(s) ? 0.6 : undefined))
  for (const chain of MODERN) {
    for (const size of sizeNames.filter((name) => isLarge(name) && results.has(chain, name))) {
      const ratioTo = (other: RivalName): number => results.ratio(chain, size, 'transient1', other)
      add(
        `${chains[chain].title}: \`transient\`, 1 thread ÷ hand-written loop in place`,
        size,
        ratioTo('loopInPlace'),
        0.25
      )
      if (chain !== 'cautiousAdamw') {
        add(`${chains[chain].title}: \`transient\` ÷ Optax donated, 1 thread each`, size, ratioTo('optax1'), 0.9)
      }
    }
  }
  for (const size of sizeNames) {
    if (!results.has('adamw', size) || !results.has('clipped', size)) continue
    const ratio = results.median('clipped', size, 'transient1') / results.median('adamw', size, 'transient1')
    add('the clipped chain ÷ AdamW alone, `transient`, 1 thread', size, ratio, 1.5)
  }
  atEach('`step` ÷ hand-written loop with fresh arrays', 'step', 'loopFresh', () => 1)
  atEach('`update`, `applyUpdates` ÷ hand-written loop with fresh arrays', 'update', 'loopFresh', () => 1)
  atEach('`step` ÷ jax-js', 'step', 'jaxJs', () => 1)
  atEach('`update`, `applyUpdates` ÷ jax-js', 'update', 'jaxJs', () => 1)
  return all
}
