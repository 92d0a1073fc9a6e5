import type { Tree } from './types.js'

/** One call of the inside of a transformation. */
export interface TracedCall {
  /** The function `update` of the transformation: the one that knows by which call it was made. */
  readonly update: object
  readonly updates: Tree
  readonly state: unknown
  readonly params: Tree
  readonly extra: unknown
}

/** What is done instead of a call; `run` makes it, of these arguments or of others. */
export type Trace = (
  call: TracedCall,
  run: (updates: Tree, state: unknown, params: Tree) => readonly [Tree, unknown]
) => readonly [Tree, unknown]

let running: Trace | null = null

/** The trace that runs, if one does. */
export const currentTrace = (): Trace | null => running

/**
 * Runs a function in which each transformation that is called, each part of a chain and whatever is wrapped, is handed to a trace:
 * for interpreters that must tell apart what belongs to which.
 *
 * @example
 * import { originOf, withTrace } from '@gradchain/core/engine'
 *
 * const called: string[] = []
 * const { init, update } = definitionOf('trace', chain(scale(2), chain(clip(1))))
 * withTrace(
 *   (call, run) => {
 *     called.push(originOf(call.update)?.[0] ?? 'unknown')
 *     return run(call.updates, call.state, call.params)
 *   },
 *   () => update({ w: 1 }, init({ w: 0 }), { w: 0 }, undefined)
 * )
 * called // => ['chain', 'scale', 'chain', 'clip']
 */
export const withTrace = <T>(trace: Trace, run: () => T): T => {
  const before = running
  running = trace
  try {
    return run()
  } finally {
    running = before
  }
}
