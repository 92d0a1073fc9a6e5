import { defineConfig } from 'tsup'
import base from '../../tsup.base.js'

// The worker is a file of its own, which threads load from beside the entry.
export default defineConfig({ ...base, entry: { index: 'src/index.ts', worker: 'src/engine/threads/worker.js' }, dts: { entry: 'src/index.ts' } })
