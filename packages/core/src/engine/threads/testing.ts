// For the tests of threads: the sources as plain JavaScript, for processes that load them without a test runner.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SOURCES = fileURLToPath(new URL('../../', import.meta.url))

/** A folder with the sources of this package as they run, types taken off. */
export const plainSources = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!/\.[jt]s$/.test(file) || /\.test(-d)?\.ts$/.test(file) || file.endsWith('testing.ts')) continue
    const target = join(folder, file)
    mkdirSync(dirname(target), { recursive: true })
    if (file.endsWith('.js')) cpSync(join(SOURCES, file), target)
    else {
      const { outputText } = ts.transpileModule(readFileSync(join(SOURCES, file), 'utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
      })
      writeFileSync(target.replace(/\.ts$/, '.js'), outputText)
    }
  }
  return folder
}

/** How a process ended and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs a script beside the plain sources in a process of its own. */
export const runPlain = (folder: string, script: string): Promise<Ended> => {
  const file = join(folder, 'script.mjs')
  writeFileSync(file, script)
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file],
      { timeout: 60_000, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr })
      }
    )
  })
}
