export { CheckpointError, type CheckpointErrorParts, type CheckpointFlaw } from './error.js'
export { decodeFlaxMsgpack, encodeFlaxMsgpack } from './foreign/flaxMsgpack.js'
export { decodeNpy, encodeNpy } from './foreign/npy.js'
export { type DecodeNpzOptions, decodeNpz, encodeNpz } from './foreign/npz.js'
export { type DecodeOrbaxOptions, decodeOrbax, type OrbaxFiles } from './foreign/orbax/decodeOrbax.js'
export { fromKeras } from './foreign/states/fromKeras.js'
export { type FromOptaxOptions, fromOptax } from './foreign/states/fromOptax.js'
export { fromTfjs } from './foreign/states/fromTfjs.js'
export type { FromKerasOptions, KerasAlgorithm } from './foreign/states/kerasContext.js'
export type { TfjsAlgorithm, TfjsOptions } from './foreign/states/tfjsContext.js'
export { type ToKerasOptions, toKeras } from './foreign/states/toKeras.js'
export { type ToOptaxOptions, toOptax } from './foreign/states/toOptax.js'
export { toTfjs } from './foreign/states/toTfjs.js'
export { decodeTfjsModel, type TfjsFiles, type TfjsModel, type TfjsWeight } from './foreign/tfjs/decodeTfjsModel.js'
export type { Nested } from './internal/names.js'
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
