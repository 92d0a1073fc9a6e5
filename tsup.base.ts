import { defineConfig } from 'tsup'

// One ESM entry with its declarations per package; dependencies stay imports.
export default defineConfig({ entry: ['src/index.ts'], format: 'esm', dts: true, clean: true, sourcemap: true, target: 'es2022' })
