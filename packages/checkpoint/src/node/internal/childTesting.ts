// Another process that saves, from the sources: bundled into one file, as a process knows no aliases.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

type Bundle = (options: object) => Promise<unknown>

/** Writes a program that imports from `node.mjs`, the node entry in one file, into a folder; gives its path. */
export const programIn = async (folder: string, code: string): Promise<string> => {
  // The bundler of the bundler that builds the packages.
  const { build } = createRequire(createRequire(join(root, 'package.json')).resolve('tsup'))('esbuild') as {
    readonly build: Bundle
  }
  await build({
    entryPoints: [join(root, 'packages/checkpoint/src/node/index.ts')],
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    outfile: join(folder, 'node.mjs'),
    platform: 'node',
    tsconfig: join(root, 'tsconfig.base.json')
  })
  const program = join(folder, 'program.mjs')
  writeFileSync(program, code)
  return program
}

/** Saves 1, 2, 3 … to a file without end, and says each number once it is saved. */
export const ENDLESS = `
  import { saveFile } from './node.mjs'
  const [path, first] = process.argv.slice(2)
  for (let n = Number(first); ; n++) {
    await saveFile(path, { n, w: new Float64Array(40_000).fill(n), v: new Float32Array(3).fill(n) })
    console.log(n)
  }
`

/** Runs a program, and kills it after so many milliseconds from what it first says; gives the last number it said. */
export const killedAfter = (program: string, args: readonly string[], milliseconds: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout?.on('data', (part: Buffer) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), milliseconds)
      said += part.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', () => resolve(Number(said.trimEnd().split('\n').at(-1))))
  })

/** Runs a program to its end, and gives what it said; one that fails is an error. */
export const saidBy = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, ['--expose-gc', program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => said.push(part.toString('utf8')))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(said.join('')) : reject(new Error(`exit code ${code}: ${said.join('')}`))
    )
  })
