export { type LocalRunOptions, local } from './local.js'
export { type MpiOptions, mpi } from './mpi.js'
