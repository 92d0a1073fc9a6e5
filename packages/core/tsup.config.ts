import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import base from '../../tsup.base.js'

/** What `index` exports as a namespace, and the entry that it has besides. */
const namespaces: Readonly<Record<string, string>> = { algebra: 'tree', random: 'random' }

/**
 * Has `index` export a namespace from the entry beside it: built into one file, it would be an object with everything in
 * it, of which a bundler can drop nothing.
 */
const separate: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'namespaces are entries',
  setup: (build) =>
    build.onResolve({ filter: /^\.\/\w+\/index\.js$/ }, ({ path }) => {
      const entry = namespaces[basename(dirname(path))]
      return entry === undefined ? undefined : { path: `./${entry}.js`, external: true }
    })
}

/** The numbers of a table, `export const Kind = { F32: 0, … } as const`, by their names. */
const numbersIn = (table: string, file: string): ReadonlyMap<string, string> => {
  const [, items] = readFileSync(file, 'utf8').match(new RegExp(`export const ${table} = {([^}]*)} as const`)) ?? []
  if (items === undefined) throw new Error(`${file} has no table ${table}`)
  return new Map([...items.matchAll(/(\w+): (\d+)/g)].map(([, name = '', number = '']) => [`${table}.${name}`, number]))
}

const numbers: ReadonlyMap<string, string> = new Map([
  ...numbersIn('Kind', 'src/array/dtype.ts'),
  ...numbersIn('Op', 'src/expression/op.ts'),
  ...numbersIn('Code', 'src/engine/program.ts')
])

/** Writes the numbers that stand for dtypes and operations as numbers, as no bundler does. */
const inlined: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'names of numbers are numbers',
  setup: (build) =>
    build.onLoad({ filter: /\/core\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /(?<![\w.]|typeof )(?:Kind|Op|Code)\.\w+/g,
        (name) => numbers.get(name) ?? name
      ),
      loader: 'ts'
    }))
}

export default defineConfig([
  {
    ...base,
    entry: {
      index: 'src/index.ts',
      bytes: 'src/bytes/index.ts',
      engine: 'src/foreign/index.ts',
      numbers: 'src/numbers/index.ts',
      random: 'src/random/index.ts',
      tree: 'src/algebra/index.ts'
    },
    clean: ['!worker.*'],
    esbuildPlugins: [separate, inlined]
  },
  // The worker is a file of its own, which threads load from beside the entry. It imports nothing, so that it can be copied
  // or served from anywhere as it is.
  { ...base, entry: { worker: 'src/engine/threads/worker.js' }, splitting: false, dts: false, clean: false }
])
