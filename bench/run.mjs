// `npm run bench -- args`: sets up what is missing, builds the packages and the benchmark, then runs it.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build, install, pnpm } from '../scripts/setup.mjs'

if (!install() || !build() || !pnpm('--filter', '@gradchain/bench', 'run', 'build')) process.exit(1)
const program = fileURLToPath(new URL('dist/main.js', import.meta.url))
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
