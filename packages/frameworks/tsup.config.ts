import { defineConfig } from 'tsup'

// File by file, and so are the declarations (tsconfig.dist.json): built into one, a namespace is an object with everything in
// it, of which no bundler can drop anything.
export default defineConfig({
  entry: ['src/**/*.ts', '!src/**/*.test.ts'],
  format: 'esm',
  bundle: false,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  tsconfig: '../../tsconfig.build.json'
})
