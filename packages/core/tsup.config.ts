import { basename, dirname } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import base from '../../tsup.base.js'

/** What `index` exports as a namespace, and the entry that it has besides. */
const namespaces: Readonly<Record<string, string>> = { algebra: 'tree', random: 'random' }

/**
 * Has `index` export a namespace from the entry beside it: built into one file, it would be an object with everything in
 * it, of which a bundler can drop nothing.
 */
const separate: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'namespaces are entries',
  setup: (build) =>
    build.onResolve({ filter: /^\.\/\w+\/index\.js$/ }, ({ path }) => {
      const entry = namespaces[basename(dirname(path))]
      return entry === undefined ? undefined : { path: `./${entry}.js`, external: true }
    })
}

export default defineConfig([
  {
    ...base,
    entry: {
      index: 'src/index.ts',
      numbers: 'src/numbers/index.ts',
      random: 'src/random/index.ts',
      tree: 'src/algebra/index.ts'
    },
    clean: ['!worker.*'],
    esbuildPlugins: [separate]
  },
  // The worker is a file of its own, which threads load from beside the entry. It imports nothing, so that it can be copied
  // or served from anywhere as it is.
  { ...base, entry: { worker: 'src/engine/threads/worker.js' }, splitting: false, dts: false, clean: false }
])
