import { type AnyGradientTransformation, applyUpdates, identity } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { outline } from '../../packages/monitor/src/internal/equations/outline.js'
import { record } from '../../packages/monitor/src/internal/equations/record.js'
import { catalogue } from '../catalogue/index.js'
import { evaluated, NotComputable, next, run, type Values } from './evaluated.js'

const LEAVES = ['w', 'b']

/** What the equations say of six steps, and what is done; `null` where something cannot be computed from what is written. */
const compared = (tx: AnyGradientTransformation): readonly (readonly [number, number])[] | null => {
  let params: { w: Float64Array; b: Float64Array } = { w: Float64Array.of(0.75), b: Float64Array.of(-1.5) }
  const items = outline(tx, record(tx, params, undefined))
  const applied = items.filter((item) => item.what === 'line')
  const values: Values = new Map()
  let state = tx.init(params)
  const found: (readonly [number, number])[] = []
  for (let t = 1; t <= 6; t++) {
    const grads = { w: Float64Array.of(Math.sin(3 * t)), b: Float64Array.of(Math.cos(5 * t) - 0.25) }
    values.set('step|now|', t)
    for (const leaf of ['w', 'b'] as const) {
      values.set(`param|now|${leaf}`, params[leaf][0] as number)
      values.set(`gradient|now|${leaf}`, grads[leaf][0] as number)
    }
    const [updates, after] = tx.update(grads, state, params)
    const moved = applyUpdates(params, updates as typeof params)
    try {
      run(
        items.filter((item) => item.what !== 'line'),
        t,
        values,
        LEAVES
      )
      for (const line of applied) {
        for (const leaf of (line.leaves ?? LEAVES) as readonly ('w' | 'b')[]) {
          found.push([evaluated(line.right, values, LEAVES, leaf), moved[leaf][0] as number])
        }
      }
    } catch (error) {
      if (error instanceof NotComputable) return null
      throw error
    }
    next(values)
    params = moved
    state = after
  }
  return found
}

/** Rows whose equations say less than what is done, and why. */
const EXCEPT: Readonly<Record<string, string>> = {
  'scaleByAdam, all options': 'roundings to bfloat16 are not written',
  'scaleByAmsgrad, all options': 'roundings to bfloat16 are not written',
  'ema, biased, in bfloat16': 'roundings to bfloat16 are not written',
  'castGradients, to bfloat16': 'roundings to bfloat16 are not written',
  lbfgs: 'how far it goes is decided by what the loss is there',
  scaleByZoomLinesearch: 'how far it goes is decided by what the loss is there'
}

/** Rows whose equations say something that nobody can compute from them: draws, opaque functions, what an extra or an array decides on the host. */
const NOT_COMPUTABLE: ReadonlySet<string> = new Set([
  'differentiallyPrivateAggregate',
  'differentiallyPrivateAggregate, without noise',
  'addNoise',
  'allReduceMean, compressed',
  'averagedParams',
  'reduceOnPlateau',
  'scaleByProdigy',
  'scaleByDadaptAdamw',
  'scaleByMomo',
  'hutchinsonEstimatorDiagHessian',
  'scaleBySophia',
  'scaleByAdahessian',
  'scaleByNadam, all options',
  'scaleByPolyak',
  'scaleByFocus',
  'scaleByVsgd',
  'scaleByStableSpam',
  'scaleByMsvag',
  'noisySgd',
  'momo',
  'scheduleFreeSgd',
  'scheduleFreeRadam',
  'sophia',
  'dpsgd',
  'polyakSgd',
  'alig',
  'stableSpam',
  'asgd',
  'msvag',
  'adahessian',
  'scaleBySoap, one-sided, vectors too',
  'scaleByShampoo, blocks, grafting',
  'scaleByKron',
  'scaleByKron, one diagonal, balanced, raw gradients',
  'psgdKron',
  'dynamicLossScale',
  'flatten',
  'swa',
  'scheduleFree, refined',
  'trac',
  'projectTo, a ball of few that are not 0',
  'hessianFree',
  'gaussNewtonBartlettEstimatorDiagHessian',
  'scaleByBacktrackingLinesearch',
  'scaleByBacktrackingLinesearch, keeping gradients',
  'topK',
  'randomK',
  'quantize8',
  'scaleByStaleness',
  'diloco',
  'scaleByOnebitAdam',
  'onebitAdam',
  'clipByShardedGlobalNorm'
])

describe('the equations of a transformation give what it gives', () => {
  for (const row of catalogue) {
    if (row.kind !== 'transformation' && row.kind !== 'alias' && row.kind !== 'wrapper') continue
    const name = row.variant === undefined ? row.name : `${row.name}, ${row.variant}`
    if (name in EXCEPT) continue
    test(name, () => {
      const found = compared(row.kind === 'wrapper' ? row.make()(identity()) : row.make())
      expect(found === null).toBe(NOT_COMPUTABLE.has(name))
      for (const [said, done] of found ?? [])
        expect(Math.abs(said - done)).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(done)))
    })
  }
})
