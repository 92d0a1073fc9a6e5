import { Originals } from '../expression/originals.js'
import { withTape } from '../expression/tape.js'
import { withOwnEngine } from './chosen.js'
import type { Engine } from './engine.js'
import { pendingOrder } from './order.js'

/**
 * Runs a user's function in the middle of a plan. It may evaluate what it likes, in the given way, nodes of the very graph
 * that is being computed too: they have their values for as long as it runs, and are pending again for the plan to go on.
 */
export const apart = <T>(evaluate: Engine['evaluate'], run: () => T): T => {
  const originals = new Originals()
  const engine: Engine = {
    name: 'apart',
    evaluate: (roots) => {
      for (const node of pendingOrder(roots)) originals.keep(node)
      evaluate(roots)
    }
  }
  try {
    return withTape(null, () => withOwnEngine(engine, run))
  } finally {
    originals.restore()
  }
}
