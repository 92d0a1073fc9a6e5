import type { Engine, Routine } from '../engine/engine.js'
import { currentEngine, withEngine } from '../engine/evaluate.js'
import { withTape } from '../expression/tape.js'

/**
 * Evaluations that someone makes again and again, each from arrays to arrays: from the second on, what was planned for one
 * is done again for the next, as long as the graphs repeat.
 */
export class Repeated {
  #engine: Engine | null = null
  #routine: Routine | null = null
  #isRunning = false

  /** Makes an evaluation. Nothing lazy may be left of it, neither in what it returns nor anywhere else. */
  run<T>(evaluation: () => T): T {
    const engine = currentEngine()
    if (engine.routine === undefined || this.#isRunning) return evaluation()
    if (this.#engine !== engine) {
      this.#engine = engine
      this.#routine = null
      return evaluation()
    }
    this.#routine ??= engine.routine()
    const routine = this.#routine
    if (!routine.isUseful) return evaluation()
    this.#isRunning = true
    try {
      return withTape(routine.tape, () => withEngine(routine, evaluation))
    } finally {
      this.#isRunning = false
      routine.end()
    }
  }
}
