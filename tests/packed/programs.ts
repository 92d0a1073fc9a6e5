// Programs of a user of the packed packages, for whatever runs JavaScript: Node, Deno, Bun, a page.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { markdownExamples } from '../docs/collect.js'
import { read } from '../docs/files.js'

/** What one of them found, in any of these places. */
export interface Report {
  /** The params that README's loop trains: `w`, as bits, and `b`. */
  readonly loop: readonly number[]
  /** For one thread and for two: how many there were, and a hash of the bits of the params. */
  readonly threads: readonly (readonly [threads: number, bits: number])[]
  /** Bits of params of 16 bits, of a `Float16Array` where there are such, and of the update, after `step` and `transient`. */
  readonly halves: readonly (readonly number[])[]
  /** Whether kernels are compiled here. */
  readonly isWasmSupported: boolean
}

/** README's program as far as its first result. */
const readme = (): string => {
  const code = markdownExamples('README.md', read('README.md'))[0]?.code ?? ''
  const end = code.indexOf('params.w.map(Math.round)')
  if (end < 0) throw new Error('README.md: the loop no longer ends with `params.w.map(Math.round)`')
  return `${code.slice(0, end)}\nexport { params }\n`
}

const transpiled = (code: string): string =>
  ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
    .outputText

/** Writes the programs into a folder; `main.js` leaves the promise of a {@link Report} in `globalThis.report`. */
export const writePrograms = (folder: string): void => {
  const write = (name: string, code: string) => writeFileSync(join(folder, name), transpiled(code))
  write('readme.js', readme())
  write('report.js', readFileSync(join(import.meta.dirname, 'report.ts'), 'utf8'))
  write('main.js', MAIN)
  write('print.js', PRINT)
}

const MAIN = `
  import { params } from './readme.js'
  import { report } from './report.js'
  globalThis.report = report(params)
`

const PRINT = `
  import './main.js'
  console.log(JSON.stringify(await globalThis.report))
`

/** What the programs find where something runs JavaScript files: this Node, or another program. */
export const reportOf = async (
  folder: string,
  program = process.execPath,
  args: readonly string[] = []
): Promise<Report> => {
  const { stdout } = await promisify(execFile)(program, [...args, 'print.js'], { cwd: folder })
  return JSON.parse(stdout) as Report
}
