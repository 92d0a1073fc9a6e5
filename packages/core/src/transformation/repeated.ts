import { withOwnEngine } from '../engine/chosen.js'
import type { Engine, Routine } from '../engine/engine.js'
import { currentEngine } from '../engine/evaluate.js'
import { withTape } from '../expression/tape.js'
import type { Course } from '../grouping/packed.js'

/**
 * Evaluations that someone makes again and again, each from arrays to arrays: from the second on, what was planned for one
 * is done again for the next, as long as the graphs repeat.
 */
export class Repeated {
  #engine: Engine | null = null
  #routine: Routine | null = null
  #isRunning = false

  /** Makes an evaluation. Nothing lazy may be left of it, neither in what it returns nor anywhere else. */
  run<T>(evaluation: (course: Course | null) => T): T {
    const engine = currentEngine()
    if (engine.routine === undefined || this.#isRunning) return evaluation(null)
    if (this.#engine !== engine) {
      this.#engine = engine
      this.#routine = null
      return evaluation(null)
    }
    this.#routine ??= engine.routine()
    const routine = this.#routine
    if (!routine.isUseful) return evaluation(null)
    this.#isRunning = true
    try {
      const course = { tape: routine.tape, routine, engine }
      return withTape(routine.tape, () => withOwnEngine(routine, () => evaluation(course)))
    } finally {
      this.#isRunning = false
      routine.end()
    }
  }
}
