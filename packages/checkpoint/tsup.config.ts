import { defineConfig } from 'tsup'
import base from '../../tsup.base.js'

export default defineConfig([
  {
    ...base,
    entry: {
      index: 'src/index.ts',
      node: 'src/node/index.ts',
      browser: 'src/browser/index.ts',
      keras: 'src/keras/index.ts'
    },
    clean: ['!kerasWorker.*']
  },
  // The worker is a file of its own, which a thread loads from beside the entry.
  { ...base, entry: { kerasWorker: 'src/keras/kerasWorker.js' }, splitting: false, dts: false, clean: false }
])
