import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

/**
 * Writes powers of two as the numbers they are: esbuild takes `**` for something that might have an effect, and would keep
 * each such constant in every bundle.
 */
const powersOf2: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'powers of two are numbers',
  setup: (build) =>
    build.onLoad({ filter: /\/packages\/\w+\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/(?<![\w.])2 \*\* (-?\d+)/g, (_, n) => String(2 ** Number(n))),
      loader: 'ts'
    }))
}

// One ESM entry with its declarations per package; dependencies stay imports, so types come from the built packages below
// (tsconfig.build.json has no `paths`) and never from their sources. Only fp-ts is built in, as far as it is used: its
// files are CommonJS or have imports without endings, and neither a page nor a bundler that shakes trees can do with that.
export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  tsconfig: '../../tsconfig.build.json',
  treeshake: true,
  esbuildPlugins: [powersOf2],
  noExternal: [/^fp-ts\//],
  esbuildOptions: (options) => {
    options.alias = { 'fp-ts/lib': 'fp-ts/es6' }
  }
})
