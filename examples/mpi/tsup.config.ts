import { defineConfig } from 'tsup'

// A program, not a library: no declarations; every dependency stays an import. The ranks' files stand beside it.
export default defineConfig({
  entry: ['src/main.ts', 'src/rank.ts', 'src/thread.ts'],
  format: 'esm',
  clean: true,
  sourcemap: true,
  target: 'node20'
})
