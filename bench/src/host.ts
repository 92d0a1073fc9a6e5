import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Answers, Request } from './protocol.js'

/** A rival's process, kept alive between its turns. */
export interface Host {
  /** Asks for one thing; a process that dies or is silent for too long has failed. */
  readonly ask: <R extends Request>(request: R) => Promise<Answer<Answers[R['do']]>>
  readonly end: () => void
}

/** What to start. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const PATIENCE = 180_000
const LAST_WORDS = 2000

/** Starts a process that answers each line on its stdin with a line on its stdout. */
export const startHost = ({ program, args, env = {} }: Command): Host => {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  let settle: (line: string) => void = () => {}
  let end: Answer<never> | undefined
  const over = (answer: Answer<never>): void => {
    end ??= answer
    settle(JSON.stringify(end))
  }

  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-LAST_WORDS)
  })
  createInterface({ input: child.stdout }).on('line', (line) => settle(line))
  child.stdin.on('error', () => {})
  child.on('error', (error: NodeJS.ErrnoException) =>
    over(error.code === 'ENOENT' ? { kind: 'absent', what: program } : { kind: 'failed', message: error.message })
  )
  child.on('close', (code) => over({ kind: 'failed', message: `ended with ${code}\n${complaints}` }))

  return {
    ask: async <R extends Request>(request: R) => {
      const line = await new Promise<string>((resolve) => {
        const timer = setTimeout(() => {
          over({ kind: 'failed', message: `no answer to ${request.do} for ${PATIENCE / 1000} s` })
          child.kill()
        }, PATIENCE)
        settle = (text) => {
          clearTimeout(timer)
          settle = () => {}
          resolve(text)
        }
        if (end === undefined) child.stdin.write(`${JSON.stringify(request)}\n`)
        else settle(JSON.stringify(end))
      })
      return JSON.parse(line) as Answer<Answers[R['do']]>
    },
    end: () => stop(child)
  }
}

const stop = (child: ChildProcess): void => {
  child.stdin?.end()
  child.kill()
}
