export { CheckpointError, type CheckpointErrorParts, type CheckpointFlaw } from './error.js'
export { decodeFlaxMsgpack, encodeFlaxMsgpack } from './foreign/flaxMsgpack.js'
export { decodeNpy, encodeNpy } from './foreign/npy.js'
export { type DecodeNpzOptions, decodeNpz, encodeNpz, type NpzArrays } from './foreign/npz.js'
export { type DecodeOrbaxOptions, decodeOrbax, type OrbaxFiles } from './foreign/orbax/decodeOrbax.js'
export { fromJson } from './json/fromJson.js'
export { toJson } from './json/toJson.js'
export { load } from './own/load.js'
export { save } from './own/save.js'
export type { SavedLeaf, SavedTree } from './own/savedTree.js'
export type { PytorchAlgorithm, PytorchGroup, PytorchGroups, PytorchOptions } from './pytorch/algorithm.js'
export { decodePytorch } from './pytorch/decodePytorch.js'
export { encodePytorch } from './pytorch/encodePytorch.js'
export {
  type FromPytorch,
  type FromPytorchModelOptions,
  type FromPytorchOptions,
  type FromPytorchPlace,
  fromPytorch
} from './pytorch/fromPytorch.js'
export { type ToPytorchOptions, toPytorch } from './pytorch/toPytorch.js'
export { decodeSafetensors, type Safetensors } from './safetensors/decodeSafetensors.js'
export { type EncodeSafetensorsOptions, encodeSafetensors } from './safetensors/encodeSafetensors.js'
export type { Tensor, TensorDType, TensorTree, WholeData, WholeDType, WholeTensor } from './tensor.js'
