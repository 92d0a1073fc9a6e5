export { CheckpointError, type CheckpointErrorParts, type CheckpointFlaw } from './error.js'
export type { Tensor, TensorDType, TensorTree, WholeData, WholeDType, WholeTensor } from './tensor.js'
