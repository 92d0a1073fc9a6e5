import { runInNewContext } from 'node:vm'
import { defineConfig, type Options } from 'tsup'

/** A number as bundlers know one. */
const NUMBER = /^-?[\d.]+(?:e[+-]?\d+)?$/

/**
 * Writes what is computed out of numbers at the top of a file as the number that it is. For a bundler each product of two
 * names might have an effect, and so might `**`: such constants would be kept in every bundle.
 */
const constants: NonNullable<Options['plugins']>[number] = {
  name: 'constants are numbers',
  renderChunk: (code) => {
    const known: Record<string, number> = {}
    return {
      code: code.replace(
        /^var (\w+) = ((?:[\w\s.*/+-]|(?<!\w)\(|\))+);$/gm,
        (line, name: string, expression: string) => {
          const names = expression.match(/(?<![\w.])[A-Za-z_]\w*/g) ?? []
          if (!names.every((used) => used === 'Math' || used in known)) return line
          const value: unknown = runInNewContext(expression, { ...known })
          if (typeof value !== 'number' || !NUMBER.test(String(value))) return line
          known[name] = value
          return `var ${name} = ${value};`
        }
      )
    }
  }
}

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
  plugins: [constants],
  noExternal: [/^fp-ts\//],
  esbuildOptions: (options) => {
    options.alias = { 'fp-ts/lib': 'fp-ts/es6' }
  }
})
