// `npm run example:NAME -- args`: sets up what is missing, then runs an example on the built packages.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './setup.mjs'

const [name = '', ...args] = process.argv.slice(2)
if (!install() || !build()) process.exit(1)
const program = join(root, 'examples', name, 'dist/main.js')
if (!existsSync(program)) {
  console.error(`example: the build left no examples/${name}/dist/main.js to run`)
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
