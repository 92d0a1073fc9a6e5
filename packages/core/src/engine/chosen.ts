import type { Engine } from './engine.js'

let asked: Engine | null = null
/** What an evaluation of ours runs on, until someone asks for another engine. */
let own: Engine | null = null

/** The engine that was asked for, or that an evaluation of ours runs on; `null` where there is none. */
export const chosenEngine = (): Engine | null => own ?? asked

/** Whether an engine was asked for, for an evaluation of ours or for a part of it. */
export const isEngineAsked = (): boolean => asked !== null

const withBoth = <T>(newAsked: Engine | null, newOwn: Engine | null, run: () => T): T => {
  const [askedBefore, ownBefore] = [asked, own]
  asked = newAsked
  own = newOwn
  try {
    return run()
  } finally {
    asked = askedBefore
    own = ownBefore
  }
}

/**
 * Runs a function with a given engine in place of the default one.
 *
 * @example
 * withEngine(reference, () => read(sum(new Float32Array([1, 2, 3])))) // => 6
 */
export const withEngine = <T>(engine: Engine, run: () => T): T => withBoth(engine, null, run)

/** Runs a part of an evaluation of ours. */
export const withOwnEngine = <T>(engine: Engine, run: () => T): T => withBoth(asked, engine, run)

/** Runs a function on the engine that was asked for, whatever an evaluation of ours runs on. */
export const withAskedEngine = <T>(run: () => T): T => withBoth(asked, null, run)
