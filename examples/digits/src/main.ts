import { type Options, parse } from './options.js'
import { run } from './run.js'

/** The exit code of a program that a signal ended, as shells have it: 128 and the number of the signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

const complain = (sentence: string, exitCode: number): void => {
  process.stderr.write(`digits: ${sentence}\n`)
  process.exitCode = exitCode
}

const start = async (options: Options): Promise<void> => {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))
  try {
    await run(options, process.stdout, stop.signal)
  } catch (error) {
    const signal = stop.signal.reason as keyof typeof SIGNALS | undefined
    if (signal !== undefined) complain('stopped before the end', SIGNALS[signal])
    else complain(error instanceof Error ? error.message : String(error), 1)
  }
}

// Who reads the output may leave early, as `head` does: no reason to print a stack.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const request = parse(process.argv.slice(2))
if (request.kind === 'run') await start(request.options)
else if (request.kind === 'help') process.stdout.write(request.text)
else complain(request.sentence, 2)
