// `npm start -- args`: sets up what is missing, then runs the example program on the built packages.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './setup.mjs'

const program = join(root, 'examples/digits/dist/main.js')

if (!install() || !build()) process.exit(1)
if (!existsSync(program)) {
  console.error('start: the build left no examples/digits/dist/main.js to run')
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
