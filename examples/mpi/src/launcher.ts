import { execFileSync } from 'node:child_process'

/** A launcher of MPI and what it wants to be told. */
export interface Launcher {
  readonly command: string
  readonly args: readonly string[]
}

const NAMES = ['mpirun', 'mpiexec', 'mpirun.mpich', 'mpirun.openmpi']

/** What a launcher says of its version; `undefined` when there is none of that name. */
const versionOf = (command: string): string | undefined => {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}

/** The launcher of that name, or the first that is there. @throws Error that says what to install. */
export const launcherOf = (given: string | undefined, isRoot: boolean, ask = versionOf): Launcher => {
  const names = given === undefined ? NAMES : [given]
  for (const command of names) {
    const version = ask(command)
    if (version === undefined) continue
    // Open MPI wants to hear that there may be fewer cores than ranks, and that root knows what it does, as in a container.
    const isOpen = /Open ?MPI|OpenRTE|PRRTE/i.test(version)
    return { command, args: isOpen ? ['--oversubscribe', ...(isRoot ? ['--allow-run-as-root'] : [])] : [] }
  }
  throw new Error(
    `there is no ${names.join(', no ')} on this machine: install MPICH or Open MPI (on Debian and Ubuntu \`apt-get install mpich\` or \`openmpi-bin\`), or use threads: --local`
  )
}
