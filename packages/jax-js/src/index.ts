export { applyUpdates } from './applyUpdates.js'
export { type JaxjsOptions, type JaxState, type JaxTransformation, jaxjs } from './jaxjs.js'
