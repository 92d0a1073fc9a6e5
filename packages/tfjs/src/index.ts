export {
  type NamedTensor,
  type RegisterTfjsOptimizerOptions,
  registerTfjsOptimizer,
  TfjsOptimizer,
  toTfjsOptimizer
} from './optimizer.js'
export { type TfjsTransformation, tfjs } from './tfjs.js'
