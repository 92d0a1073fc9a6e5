import { defineConfig } from 'tsup'

// A program, not a library: no declarations; every dependency stays an import.
export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  clean: true,
  sourcemap: true,
  target: 'node20'
})
