import { defineConfig } from 'tsup'

// Programs, not a library: no declarations. What runs in Node leaves every dependency an import; the page is one file.
export default defineConfig([
  { entry: ['src/main.ts'], format: 'esm', sourcemap: true, target: 'node20' },
  { entry: ['src/page.ts'], format: 'esm', target: 'es2022', platform: 'browser', noExternal: [/.*/], minify: true }
])
