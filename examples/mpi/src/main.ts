// Ranks learn the handwritten digits together: each differentiates its part of a batch, and gradients are added up between them.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { local } from '@gradchain/distributed/node'
import { launcherOf } from './launcher.js'
import { requestOf } from './options.js'

const { ranks, local: isLocal, mpirun, ...options } = requestOf(process.argv.slice(2))
try {
  if (isLocal) await local(ranks, new URL('./thread.js', import.meta.url), { data: options })
  else {
    const { command, args } = launcherOf(mpirun, process.getuid?.() === 0)
    const program = fileURLToPath(new URL('./rank.js', import.meta.url))
    const own = ['-n', String(ranks), process.execPath, program, JSON.stringify(options)]
    process.exitCode = spawnSync(command, [...args, ...own], { stdio: 'inherit' }).status ?? 1
  }
} catch (error) {
  console.error(`mpi: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
