import { defineConfig } from 'tsup'

// A program, not a library: no declarations; every dependency stays an import. tsup finds this file from the folder of each
// example, and what is named here lies in that folder. An example with more to build has a tsup.config.ts of its own.
export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  clean: true,
  sourcemap: true,
  target: 'node20'
})
