import { check, isFinite, type Operand, sub, type Tree, type Valid } from '@gradchain/core'
import { hostCall } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'

/**
 * Whether all elements of the trees of all ranks are finite: so that a step is skipped by all ranks or by none. Every rank gets it, and must call it.
 *
 * Whole numbers are added up for it, as NaN does not come through every maximum of floats between ranks.
 *
 * Laws: the same on all ranks; with one rank, that of its tree.
 *
 * @param values - this rank's tree, such as its gradients before their mean.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * isFiniteOnAllRanks(solo(), { w: new Float32Array([1, 2]) }) // => true
 * isFiniteOnAllRanks(solo(), { w: new Float32Array([1, NaN]) }) // => false
 *
 * @throws InvalidOption for what is no communicator; InvalidTree for what is no tree of arrays.
 */
export const isFiniteOnAllRanks = <P>(comm: Communicator, values: Valid<P>): boolean => {
  check('isFiniteOnAllRanks', { comm }, aCommunicator)
  const bad = tree.sum(tree.map((x: Operand) => sub(1, isFinite(x)), values as never) as Tree)
  return hostCall([bad] as Tree, (found) => {
    const [own] = found as readonly [number]
    return comm.allReduce(Int32Array.of(Number(own > 0))).wait()[0] === 0
  })
}
