export {
  boolean,
  callable,
  check,
  finite,
  inClosedUnitInterval,
  inUnitInterval,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  optional,
  orSchedule,
  positive,
  positiveInteger,
  type Requirement,
  withDefaults
} from './check.js'
export {
  type ErrorTag,
  GradchainError,
  InvalidOption,
  InvalidState,
  InvalidTree,
  LazyValue,
  show
} from './errors.js'
