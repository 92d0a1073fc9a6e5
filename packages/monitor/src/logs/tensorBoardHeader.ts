import { check, finite, optional, required, withDefaults } from '@gradchain/core'
import { joined } from '@gradchain/core/bytes'
import { integer, message, text } from '../internal/protobuf.js'
import { aStep } from '../internal/requirements.js'
import { tensorBoardEvent } from '../internal/tensorBoardEvent.js'

/** Options of {@link tensorBoardHeader}. */
export interface TensorBoardHeaderOptions {
  /** When the file begins, in seconds since 1970: `Date.now() / 1000`. */
  readonly wallTime: number
  /**
   * The step from which a run goes on in this file: what other files of the run have from there on, of any tag, is forgotten. @defaultValue none, the run
   * begins
   */
  readonly resumeAt?: number | bigint | undefined
}

/**
 * How an event file of TensorBoard begins: its version, and where it goes on from, if it does.
 *
 * A file is these bytes and those of {@link tensorBoardEvents} behind them. It stands in a folder of its run, and its name holds `tfevents`:
 * `runs/first/events.out.tfevents.1700000000.me`. Files of one run are read in the order of their names. A file may grow while TensorBoard reads it, but what
 * is written at once must be whole records, as what these functions give is: of a damaged record nothing is shown, and nothing of what follows it.
 *
 * Laws: the same options give the same bytes.
 *
 * @example
 * const bytes = tensorBoardHeader({ wallTime: 1 })
 * bytes.length // => 40
 * new TextDecoder().decode(bytes.subarray(23, 36)) // => 'brain.Event:2'
 *
 * @throws InvalidOption when an option is missing or outside its range.
 * @see tensorBoardEvents, tensorBoardHparams
 */
export const tensorBoardHeader = (options: TensorBoardHeaderOptions): Uint8Array => {
  const { wallTime, resumeAt } = withDefaults<Required<TensorBoardHeaderOptions>>('tensorBoardHeader', options, {
    wallTime: required,
    resumeAt: undefined
  })
  check('tensorBoardHeader', { wallTime }, finite)
  check('tensorBoardHeader', { resumeAt }, optional(aStep))
  const version = tensorBoardEvent(wallTime, 0, text(3, 'brain.Event:2'))
  if (resumeAt === undefined) return version
  return joined([version, tensorBoardEvent(wallTime, resumeAt, message(7, integer(1, START)))])
}

/** The status of a session that begins. */
const START = 1
