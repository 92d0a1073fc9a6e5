// For those who write engines, or bring arrays of their own.

export type { AsyncEngine, Engine } from '../engine/engine.js'
export { NeedsHost } from '../engine/needsHost.js'
export {
  type GraphNode,
  isNode,
  type LeafNode,
  type MatmulNode,
  nodeOf,
  type OpaqueNode,
  type PermuteNode,
  type PlainNode,
  type ReduceNode,
  settleNode
} from '../engine/node.js'
export { type NodeDType, type NodeFacts, type NodeForm, type NodeName, nodeNameOf, nodes } from '../engine/nodes.js'
export { pendingOrder } from '../engine/order.js'
export { Expr } from '../expression/expr.js'
export { lift } from '../expression/operations.js'
export { hostCall, type Lend } from '../transformation/hostCall.js'
export { type Origin, originOf } from '../transformation/origin.js'
export { isWhole, keepWhole } from '../transformation/rounded.js'
export { currentTrace, type Trace, type TracedCall, withTrace } from '../transformation/trace.js'
export {
  type Answers,
  type Assignment,
  type DeviceMemory,
  type Held,
  type InPlace,
  type InPlaceOptions,
  inPlace,
  type Planned,
  type Resident,
  type Taken,
  type Upload
} from './inPlace.js'
export type { ArrayForm, ArrayLibrary } from './interpret.js'
export { type ArrayOptimizer, type ArrayState, onArrays } from './onArrays.js'
export { onHost } from './onHost.js'
export { type Rehearsal, rehearse, standIn } from './rehearse.js'
