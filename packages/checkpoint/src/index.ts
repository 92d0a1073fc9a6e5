export { CheckpointError, type CheckpointErrorParts, type CheckpointFlaw } from './error.js'
export { decodeNpy, encodeNpy } from './foreign/npy.js'
export { type DecodeNpzOptions, decodeNpz, encodeNpz, type NpzArrays } from './foreign/npz.js'
export type { Tensor, TensorDType, TensorTree, WholeData, WholeDType, WholeTensor } from './tensor.js'
