/** What a leaf costs, whatever is in it. */
import { chains, split } from '../cases.js'
import { makeInputs } from '../inputs.js'
import type { Prepare } from '../rivals/contestant.js'
import { loopInPlace } from '../rivals/loops.js'
import { inPlace, layers, oneEvaluation, record, twoEvaluations } from '../rivals/ours.js'
import { median } from '../statistics.js'

/** What is compared; params are a list of layers, unless it is said that they are one object. */
export const paths = {
  transient: inPlace(layers),
  'transient, one object': inPlace(record),
  step: oneEvaluation(layers),
  'update, applyUpdates': twoEvaluations(layers),
  'loop in place': loopInPlace
} as const satisfies Readonly<Record<string, Prepare>>

export type Path = keyof typeof paths

/** How many elements a leaf has. */
export const LEAF = 10

const BATCHES = 5
/** Milliseconds. */
const WARM_UP = 400
const BATCH = 50
/** Milliseconds after which there are batches enough. */
const PATIENCE = 2000

/** Nanoseconds for each leaf and step of AdamW. */
export const costOfLeaf = async (count: number, path: Path): Promise<number> => {
  const { params, grads } = makeInputs(count * LEAF)
  const { hyper } = chains.adamw
  const cut = (flat: Float32Array | undefined): Float32Array[] =>
    split(flat as Float32Array, count).map((x) => x.slice())
  const prepare: Prepare = paths[path]
  const contestant = await prepare({ chain: 'adamw', hyper, threads: 1, params: cut(params), grads: cut(grads[0]) })

  const run = (milliseconds: number): number => {
    const since = performance.now()
    let steps = 0
    do {
      contestant.step()
      steps++
    } while (performance.now() - since < milliseconds)
    return (performance.now() - since) / steps
  }
  run(WARM_UP)
  const began = performance.now()
  const batches = [run(BATCH)]
  while (batches.length < BATCHES && performance.now() - began < PATIENCE) batches.push(run(BATCH))
  return (median(batches) * 1e6) / count
}
