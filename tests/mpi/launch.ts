// Ranks that mpirun starts, from the sources: bundled into one file, as a process knows no aliases.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const own = fileURLToPath(new URL('./programs/', import.meta.url))

/** A launcher that is on this machine. */
export interface Launcher {
  readonly name: 'MPICH' | 'Open MPI'
  readonly command: string
  readonly args: readonly string[]
}

const isThere = (command: string): boolean => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The launchers of both implementations, as Debian names them, as far as they are here. */
export const launchers: readonly Launcher[] = (
  [
    { name: 'MPICH', command: 'mpirun.mpich', args: [] },
    // A container's only user is root, and it may have fewer cores than ranks.
    { name: 'Open MPI', command: 'mpirun.openmpi', args: ['--allow-run-as-root', '--oversubscribe'] }
  ] as const
).filter(({ command }) => isThere(command))

type Bundle = (options: object) => Promise<unknown>

/** A folder with the programs of this one and `distributed.mjs`, which has both entries of the package. */
export const programs = async (): Promise<{ readonly folder: string; readonly clear: () => void }> => {
  const { build } = createRequire(createRequire(join(root, 'package.json')).resolve('tsup'))('esbuild') as {
    readonly build: Bundle
  }
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-mpi-'))
  const common = { bundle: true, format: 'esm', logLevel: 'error', platform: 'node', external: ['koffi'] }
  const sources = join(root, 'packages/distributed/src')
  await build({
    ...common,
    stdin: {
      contents: `export * from './index.ts'; export * from './node/index.ts'; export { mpiTransport } from './node/internal/mpiTransport.ts'; export * from './node/internal/mpiLibrary.ts'; export { communicatorOver } from './internal/over.ts'; export { chain, step } from '@gradchain/core'; export { adamw, sgd } from '@gradchain/optimizers'`,
      resolveDir: sources
    },
    outfile: join(folder, 'distributed.mjs'),
    tsconfig: join(root, 'tsconfig.base.json')
  })
  await build({
    ...common,
    entryPoints: [join(sources, 'node/internal/rank.ts')],
    outfile: join(folder, 'rank.js'),
    tsconfig: join(root, 'tsconfig.base.json')
  })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/distributed/node_modules/koffi'), join(folder, 'node_modules/koffi'))
  // The example looks for its digits beside its folder.
  for (const name of ['rank', 'thread']) {
    await build({
      ...common,
      entryPoints: [join(root, `examples/mpi/src/${name}.ts`)],
      outfile: join(folder, `mpi/dist/${name}.mjs`),
      tsconfig: join(root, 'tsconfig.base.json')
    })
  }
  symlinkSync(join(root, 'examples/digits'), join(folder, 'digits'))
  for (const name of readdirSync(own)) {
    copyFileSync(join(own, name), join(folder, name.replace(/js$/, 'mjs')))
  }
  return { folder, clear: () => rmSync(folder, { recursive: true, force: true }) }
}

/** How a run ended, and what its ranks said. */
export interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a program on so many ranks. */
export const launch = (
  { command, args }: Launcher,
  ranks: number,
  program: string,
  ...given: readonly string[]
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args, '-n', String(ranks), process.execPath, program, ...given], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let [output, errors] = ['', '']
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString('utf8')
    })
    child.stderr.on('data', (part: Buffer) => {
      errors += part.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output, errors }))
  })

/** What each rank said in its one line of JSON, in the order of ranks. */
export const saidBy = ({ output, errors }: Ended): readonly unknown[] => {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { readonly rank: number; readonly said: unknown })
  if (lines.length === 0) throw new Error(`the ranks said nothing: ${output}${errors}`)
  return lines.sort((a, b) => a.rank - b.rank).map(({ said }) => said)
}
