export { type DilocoOptions, type DilocoState, diloco } from './averaging/diloco.js'
export { type GossipOptions, type GossipState, gossip } from './averaging/gossip.js'
export { type LocalSgdOptions, type LocalSgdState, localSgd } from './averaging/localSgd.js'
export { type PostLocalSgdOptions, type PostLocalSgdState, postLocalSgd } from './averaging/postLocalSgd.js'
export { type AllReduceMeanOptions, type AllReduceMeanState, allReduceMean } from './collectives/allReduceMean.js'
export { type BroadcastParamsOptions, broadcastParams } from './collectives/broadcastParams.js'
export { isFiniteOnAllRanks } from './collectives/isFiniteOnAllRanks.js'
export { CommunicationError, type CommunicationFlaw } from './communicators/communicationError.js'
export type { Communicator, ExchangePartners, ReduceOp, ReduceOptions } from './communicators/communicator.js'
export { joinLocal } from './communicators/joinLocal.js'
export { type LocalOptions, type LocalSeat, localGroup } from './communicators/localGroup.js'
export type { Pending } from './communicators/pending.js'
export { solo } from './communicators/solo.js'
export { type ErrorFeedbackState, errorFeedback } from './compression/errorFeedback.js'
export { type OnebitAdamState, onebitAdam } from './compression/onebitAdam.js'
export { type PowerSgdOptions, type PowerSgdState, powerSgd } from './compression/powerSgd.js'
export { quantize8 } from './compression/quantize8.js'
export { type RandomKOptions, type RandomKState, randomK } from './compression/randomK.js'
export {
  type ScaleByOnebitAdamOptions,
  type ScaleByOnebitAdamState,
  scaleByOnebitAdam
} from './compression/scaleByOnebitAdam.js'
export { signWithNorm } from './compression/signWithNorm.js'
export { topK } from './compression/topK.js'
export { clipByShardedGlobalNorm } from './shards/clipByShardedGlobalNorm.js'
export { gatherState } from './shards/gatherState.js'
export { shardedGlobalNorm } from './shards/shardedGlobalNorm.js'
export { type ShardedState, shardedState } from './shards/shardedState.js'
export { shardState } from './shards/shardState.js'
export { type StalenessExtra, scaleByStaleness } from './staleness/scaleByStaleness.js'
export {
  type AsyncTurn,
  type AsyncUpdate,
  type SimulateAsyncOptions,
  simulateAsync
} from './staleness/simulateAsync.js'
export { type StaleGradientsOptions, type StaleGradientsState, staleGradients } from './staleness/staleGradients.js'
