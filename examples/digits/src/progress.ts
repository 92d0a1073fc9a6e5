import { SingleBar } from 'cli-progress'

/** Where a run writes: a terminal, a file, a pipe. */
export type Output = NodeJS.WritableStream & {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean
  /** The terminal's width. */
  readonly columns?: number
}

/** What is shown of a step. */
export interface Report {
  /** How many steps are done, from 1. */
  readonly done: number
  /** The loss on the step's batch. */
  readonly loss: number
  /** The learning rate of the step. */
  readonly learningRate: number
  /** The length of the whole gradient. */
  readonly gradientNorm: number
}

/** Shows how far a run is. `close` gives the terminal back as it was: call it however the run ends. */
export interface Progress {
  readonly report: (report: Report) => void
  readonly close: () => void
}

const words = ({ loss, learningRate, gradientNorm }: Report) => ({
  loss: loss.toPrecision(3),
  rate: learningRate.toPrecision(3),
  norm: gradientNorm.toPrecision(3)
})

/** A line at every tenth of the run, for files and pipes. */
export const plainProgress = (total: number, write: (line: string) => void): Progress => {
  const every = Math.ceil(total / 10)
  const width = String(total).length
  return {
    report: (report) => {
      if (report.done % every !== 0 && report.done !== total) return
      const { loss, rate, norm } = words(report)
      const done = String(report.done).padStart(width)
      write(`step ${done}/${total}  loss ${loss}  learning rate ${rate}  gradient norm ${norm}\n`)
    },
    close: () => {}
  }
}

/** A live bar for a terminal. */
const barProgress = (total: number, stream: Output): Progress => {
  const bar = new SingleBar({
    format: '{bar} {value}/{total}  loss {loss}  lr {rate}  |grad| {norm}  {eta} s left',
    barsize: 16,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    // The steps over which the time left is estimated: few make it jump.
    etaBuffer: 200,
    // The program itself listens for Ctrl-C: the bar's own handler would swallow it and carry on.
    gracefulExit: false,
    stream
  })
  bar.start(total, 0, { loss: '–', rate: '–', norm: '–' })
  return { report: (report) => bar.update(report.done, words(report)), close: () => bar.stop() }
}

/** A live bar where the stream is a terminal, plain lines where it is not. */
export const progress = (total: number, stream: Output): Progress =>
  stream.isTTY ? barProgress(total, stream) : plainProgress(total, (line) => stream.write(line))
