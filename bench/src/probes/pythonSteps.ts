import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Makes a step, and says how many milliseconds it took. */
export type Step = () => number | Promise<number>

/**
 * The steps of a program of `bench/python`, in a process of its own that answers each line with the milliseconds of a step; `null` where
 * Python, or what the program needs, is missing.
 */
export const pythonSteps = async (program: string, args: readonly (string | number)[]): Promise<Step | null> => {
  const file = fileURLToPath(new URL(`../python/${program}`, import.meta.url))
  const child = spawn(process.env['GRADCHAIN_PYTHON'] ?? 'python3', ['-u', file, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  let settle: (milliseconds: number) => void = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => settle(Number(line)))
  child.on('error', () => settle(NaN))
  child.on('close', () => settle(NaN))
  child.stdin.on('error', () => settle(NaN))
  const step = (): Promise<number> =>
    new Promise((resolve) => {
      settle = resolve
      child.stdin.write('step\n')
    })
  return Number.isNaN(await step()) ? null : step
}
