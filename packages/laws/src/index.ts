export * as arbitrary from './arbitrary/index.js'
export { type AsyncRunOptions, checkAsyncEngine, type EngineLaws } from './engine/checkAsyncEngine.js'
export { type EngineLaw, type EngineOptions, engineLaws } from './engine/engineLaws.js'
export { boundedBy, type Measure } from './families/bounded.js'
export { equivalentTo } from './families/equivalent.js'
export { families } from './families/index.js'
export type { ScheduleLaw } from './families/schedule.js'
export { between } from './families/scheduleRange.js'
export type { Wrapper, WrapperLaw } from './families/wrapper.js'
export { difference, type Same } from './internal/difference.js'
export { type Observation, observe } from './internal/observe.js'
export type { TransformationLaw } from './internal/transformationLaw.js'
export { type Law, LawBroken, type LawOptions, property } from './law.js'
export {
  type BoundedOptions,
  type EngineRunOptions,
  type EquivalentOptions,
  laws,
  type ScheduleRunOptions
} from './laws.js'
export { checkLaws, type Laws, type OptionsFor, type RunOptions, type TestFunction, type Without } from './run.js'
export type { Step, Trajectory } from './trajectory.js'
export { universal } from './universal/index.js'
