import { communicatorOver } from '../internal/over.js'
import { solitary } from '../internal/solitary.js'
import type { Communicator } from './communicator.js'

/**
 * The only rank there is: what is reduced, gathered or broadcast is a copy of what was given. A program for many ranks runs
 * with it as it is.
 *
 * @example
 * const comm = solo()
 * comm.size // => 1
 * comm.allReduce({ w: Float32Array.of(1, 2) }, { op: 'mean' }).wait() // => { w: Float32Array [1, 2] }
 * comm.allGather(3).wait() // => [3]
 */
export const solo = (): Communicator => communicatorOver(solitary(), Infinity)
