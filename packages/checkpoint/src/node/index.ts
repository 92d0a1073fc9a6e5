export {
  type CheckpointManager,
  type CheckpointManagerOptions,
  checkpointManager,
  type Damaged,
  type KeepBestOptions,
  type Metrics,
  type Resumed
} from './checkpointManager.js'
export { loadFile } from './loadFile.js'
export { readFolder } from './readFolder.js'
export { saveFile } from './saveFile.js'
