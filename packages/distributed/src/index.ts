export { CommunicationError, type CommunicationFlaw } from './communicators/communicationError.js'
export type { Communicator, ExchangePartners, ReduceOp, ReduceOptions } from './communicators/communicator.js'
export type { Pending } from './communicators/pending.js'
export { solo } from './communicators/solo.js'
