export { type SearchOptions, type SearchResult, search } from './loop/search.js'
export type { Evaluated, SearchStrategy, StopReason } from './loop/searchStrategy.js'
