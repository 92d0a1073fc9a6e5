import { defineConfig } from 'tsup'

// One ESM entry with its declarations per package; dependencies stay imports, so types come from the built packages below
// (tsconfig.build.json has no `paths`) and never from their sources.
export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  tsconfig: '../../tsconfig.build.json'
})
