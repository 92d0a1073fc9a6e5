import { defineConfig } from 'tsup'

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
  noExternal: [/^fp-ts\//],
  esbuildOptions: (options) => {
    options.alias = { 'fp-ts/lib': 'fp-ts/es6' }
  }
})
