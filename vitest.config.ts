import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: {
      gradchain: source('gradchain'),
      '@gradchain/core': source('core'),
      '@gradchain/schedules': source('schedules'),
      '@gradchain/transforms': source('transforms'),
      '@gradchain/optimizers': source('optimizers'),
      '@gradchain/laws': source('laws')
    }
  },
  test: { include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'examples/*/src/**/*.test.ts'] }
})
