export type { Bounds, Box } from './internal/box.js'
export type { Form, Vector } from './internal/flat.js'
export type { TreeSearchState } from './internal/overTrees.js'
export { type SearchOptions, type SearchResult, search } from './loop/search.js'
export type { Evaluated, SearchStrategy, StopReason } from './loop/searchStrategy.js'
export {
  type Corner,
  type NelderMeadInner,
  type NelderMeadOptions,
  type NelderMeadState,
  nelderMead
} from './simplex/nelderMead.js'
