import { check, finite, InvalidOption, required, show, withDefaults } from '@gradchain/core'
import { joined } from '@gradchain/core/bytes'
import { double, type Field, integer, message, text } from '../internal/protobuf.js'
import { aTag } from '../internal/requirements.js'
import { summaryMetadata, summaryValue, tensorBoardEvent } from '../internal/tensorBoardEvent.js'

/** What {@link tensorBoardHparams} is given. */
export interface TensorBoardHparamsOptions {
  /** The hyperparameters of the run by their names: finite numbers, texts and flags. */
  readonly hparams: Readonly<Record<string, number | string | boolean>>
  /** The tags of the scalars that runs are compared by, which are logged in the same run. */
  readonly metrics: readonly string[]
  /** When the run began, in seconds since 1970. */
  readonly wallTime: number
}

/**
 * The hyperparameters of a run as bytes of an event file of TensorBoard, whose page "HParams" compares runs by them.
 *
 * They belong to the run in whose folder the file stands: behind {@link tensorBoardHeader}, once for each run.
 *
 * Laws: the order of the hyperparameters is that of their names in the object.
 *
 * @example
 * const at = { wallTime: 1700000000 }
 * const header = tensorBoardHeader(at)
 * const hparams = tensorBoardHparams({ hparams: { optimizer: 'adamw', rate: 1e-3 }, metrics: ['loss'], ...at })
 * hparams.length > 100 // => true
 *
 * @throws InvalidOption when an option is missing or malformed.
 */
export const tensorBoardHparams = (options: TensorBoardHparamsOptions): Uint8Array => {
  const { hparams, metrics, wallTime } = withDefaults<TensorBoardHparamsOptions>('tensorBoardHparams', options, {
    hparams: required,
    metrics: required,
    wallTime: required
  })
  check('tensorBoardHparams', { wallTime }, finite)
  if (typeof hparams !== 'object' || hparams === null || Array.isArray(hparams)) {
    throw new InvalidOption(`tensorBoardHparams: hparams must be an object, got ${show(hparams)}`)
  }
  if (!Array.isArray(metrics)) {
    throw new InvalidOption(`tensorBoardHparams: metrics must be a list of tags, got ${show(metrics)}`)
  }
  check('tensorBoardHparams', Object.fromEntries(metrics.map((tag, i) => [`metrics[${i}]`, tag])), aTag)
  const named = Object.entries(hparams).map(([name, value]) => {
    if (kindOf(value) !== undefined) return [name, value] as const
    throw new InvalidOption(
      `tensorBoardHparams: hparams.${name} must be a finite number, a text or a flag, got ${show(value)}`
    )
  })

  const experiment = message(
    2,
    double(3, wallTime),
    ...named.map(([name, value]) => message(4, text(1, name), integer(4, kindOf(value) ?? 0))),
    ...metrics.map((tag) => message(5, message(1, text(2, tag))))
  )
  const start = message(
    3,
    ...named.map(([name, value]) => message(1, text(1, name), message(2, protoValue(value)))),
    double(5, wallTime)
  )
  const end = message(4, integer(1, SUCCESS), double(2, wallTime))
  const event = (tag: string, content: Field): Uint8Array =>
    tensorBoardEvent(wallTime, 0, summaryValue(tag, summaryMetadata('hparams', content)))
  return joined([
    event('_hparams_/experiment', experiment),
    event('_hparams_/session_start_info', start),
    event('_hparams_/session_end_info', end)
  ])
}

const SUCCESS = 1

/** The number of the kind of a hyperparameter: text, flag, number. */
const kindOf = (value: unknown): 1 | 2 | 3 | undefined => {
  if (typeof value === 'string') return 1
  if (typeof value === 'boolean') return 2
  return typeof value === 'number' && Number.isFinite(value) ? 3 : undefined
}

/** A value of JSON; the one that is set is written also where it is 0 or false. */
const protoValue = (value: number | string | boolean): Field => {
  if (typeof value === 'number') return double(2, value)
  if (typeof value === 'string') return text(3, value)
  return Uint8Array.from([4 * 8, value ? 1 : 0])
}
