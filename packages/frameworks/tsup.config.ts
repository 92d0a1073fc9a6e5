import { defineConfig } from 'tsup'
import base from '../../tsup.base.js'

// File by file, and so are the declarations (tsconfig.dist.json): built into one, a namespace is an object with everything in
// it, of which no bundler can drop anything.
export default defineConfig({
  ...base,
  entry: ['src/**/*.ts', '!src/**/*.test.ts'],
  bundle: false,
  dts: false,
  esbuildPlugins: [],
  treeshake: false
})
