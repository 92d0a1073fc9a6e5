// `npm start -- args`: sets up what is missing, then runs the example program on the built packages. What its options are
// is said without a build, by a program that is put together from the sources in a moment.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, install, root } from './setup.mjs'

const example = join(root, 'examples/digits')
const built = join(example, 'dist/main.js')

/** The program in one file, without types and declarations: what it depends on is found beside it. */
const unbuilt = async () => {
  // The bundler of the bundler that builds the packages.
  const { build: bundle } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild')
  const outfile = join(example, 'node_modules/.cache/gradchain/main.mjs')
  const { dependencies } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  await bundle({
    entryPoints: [join(example, 'src/main.ts')],
    bundle: true,
    external: Object.keys(dependencies).filter((name) => !/^(gradchain$|@gradchain\/)/.test(name)),
    format: 'esm',
    logLevel: 'error',
    outfile,
    platform: 'node',
    tsconfig: join(root, 'tsconfig.base.json')
  })
  return outfile
}

const args = process.argv.slice(2)
const asksForHelp = args.some((arg) => arg === '--help' || arg === '-h')

if (!install() || !(asksForHelp || build())) process.exit(1)
const program = asksForHelp ? await unbuilt() : built
if (!existsSync(program)) {
  console.error('start: the build left no examples/digits/dist/main.js to run')
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
