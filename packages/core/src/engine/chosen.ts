import type { Engine } from './engine.js'

let current: Engine | null = null

/** The engine that was asked for; `null` where none was. */
export const chosenEngine = (): Engine | null => current

/**
 * Runs a function with a given engine in place of the default one.
 *
 * @example
 * withEngine(reference, () => read(sum(new Float32Array([1, 2, 3])))) // => 6
 */
export const withEngine = <T>(engine: Engine, run: () => T): T => {
  const before = current
  current = engine
  try {
    return run()
  } finally {
    current = before
  }
}
