export type { Tensor, TensorDType, TensorTree, WholeData, WholeDType, WholeTensor } from './tensor.js'
