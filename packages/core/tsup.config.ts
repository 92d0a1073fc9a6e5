import { defineConfig } from 'tsup'
import base from '../../tsup.base.js'

// The worker is a file of its own, which threads load from beside the entry. It imports nothing, so that it can be copied or
// served from anywhere as it is.
export default defineConfig({
  ...base,
  entry: { index: 'src/index.ts', worker: 'src/engine/threads/worker.js' },
  splitting: false,
  dts: { entry: 'src/index.ts' }
})
