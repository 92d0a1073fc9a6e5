import { defineConfig } from 'tsup'

// Programs, not a library: no declarations; every dependency, ours included, stays an import of what is built.
export default defineConfig({
  entry: ['src/main.ts', 'src/worker.ts', 'src/probe.ts', 'src/large.ts', 'src/probes/allReduceRank.ts'],
  format: 'esm',
  clean: true,
  sourcemap: true,
  target: 'node20'
})
