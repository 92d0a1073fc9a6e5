import {
  broadcast,
  callable,
  cast,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  InvalidTree,
  inClosedUnitInterval,
  mul,
  ndarray,
  type Operand,
  paramsAfter,
  positive,
  required,
  shapeOf,
  show,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { mapPlaced, placesIn, placesOf } from '../internal/mapPlaced.js'
import { wideDtype } from '../internal/wideDtype.js'

/** Where the heads of a query's or a key's weights are. */
export interface AttentionHeads {
  /** The name of the attention in `maxLogits`; its queries and its keys have the same. */
  readonly attention: string
  /** The axis along which the heads lie one after the other, counted from the end when negative. */
  readonly axis: number
  /** Share of the factor that these weights take, in `[0, 1]`; those of queries and keys add up to 1. @defaultValue `0.5` */
  readonly share?: number
}

/** Options of {@link qkClip}. */
export interface QkClipOptions {
  /** What a leaf holds, by its path and shape: weights of queries or of keys, or `null`. */
  readonly heads: (path: string, shape: readonly number[]) => AttentionHeads | null
  /** The largest attention logit τ that is left alone, finite and > 0. @defaultValue `100` */
  readonly tau?: number
}

/** What {@link qkClip} wants to know at each update. */
export interface QkClipExtra {
  /** For each attention the largest magnitude of a logit in this step's forward pass: of each head, or one for all of them. */
  readonly maxLogits: Readonly<Record<string, number | readonly number[]>>
}

/**
 * Shrinks the weights of queries and keys of each attention head whose logits have grown too large: the clip of MuonClip.
 *
 * For each head h with the largest logit Sₕ, the params p of its slice of the leaf, and the updates g:
 *
 *     γ = min(1, τ / Sₕ)
 *     u = γ^share (p + g) − p
 *
 * It stands last in a chain, after the learning rate: `chain(muon(…), qkClip({ heads }))`. The heads lie one after the other along an axis
 * of the leaf: `[in, heads · width]` and `[in, heads, width]` alike have `axis: 1`; a head is as many elements as there are for each
 * of the list in `maxLogits`. A logit is a product of a query and a key, so that with both shares it shrinks by γ. Where several
 * heads share their keys, give the keys `share: 0` and the queries `share: 1`; so too for the parts of queries that meet a rotary key that
 * all heads share.
 *
 * A logit that is NaN or infinite says nothing about the weights, and changes nothing.
 *
 * Laws: where no logit is above τ nothing changes, bit for bit; nor does any other leaf, ever; afterwards the same inputs have logits
 * of at most τ, up to rounding, if g is 0.
 *
 * @example
 * const tx = qkClip({
 *   tau: 50,
 *   heads: (path) => (path === '.q' || path === '.k' ? { attention: 'first', axis: 1 } : null)
 * })
 * const params = { q: ndarray([1, 2], [1, 2]), k: ndarray([4, 8], [1, 2]), v: ndarray([1, 1], [1, 2]) }
 * const zero = tree.zerosLike(params) as typeof params
 * const [u] = tx.update(zero, {}, params, { maxLogits: { first: [200, 30] } })
 * applyUpdates(params, u).q.data // => Float32Array [0.5, 2]
 * applyUpdates(params, u).k.data // => Float32Array [2, 8]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update for what `heads` must not give, and where `maxLogits`
 * has no such attention or no numbers for it; InvalidTree for heads that do not divide their axis.
 * @see Kimi Team (2025), Kimi K2: Open Agentic Intelligence, section 2.1, {@link https://arxiv.org/abs/2507.20534}
 */
export const qkClip = (options: QkClipOptions): GradientTransformation<EmptyState, QkClipExtra> => {
  const { heads, tau } = withDefaults<Required<QkClipOptions>>('qkClip', options, { heads: required, tau: 100 })
  check('qkClip', { heads }, callable)
  check('qkClip', { tau }, positive)

  return transformation<EmptyState, QkClipExtra>({
    origin: ['qkClip', { ...options }],
    init: () => ({}),
    update: (updates, state, params, { maxLogits }) => {
      const factors = placesOf((path, leaf) => factorsOf(path, shapeOf(leaf), heads, maxLogits, tau), params)
      if (placesIn(factors).every((factor) => factor === null)) return [updates, state]
      const targets = mapPlaced(
        (factor, p) => (factor === null ? p : mul(p, broadcast(cast(factor, wideDtype(p)), shapeOf(p)))),
        factors,
        paramsAfter(params, updates)
      )
      const clipped = updatesTo(params, targets)
      return [mapPlaced((factor, g, u) => (factor === null ? g : u), factors, updates, clipped), state]
    }
  })
}

/** What each head of a leaf is multiplied by, along its axis; `null` where nothing changes. */
const factorsOf = (
  path: string,
  shape: readonly number[],
  heads: QkClipOptions['heads'],
  maxLogits: QkClipExtra['maxLogits'],
  tau: number
): Operand | null => {
  const found = heads(path, shape)
  if (found === null) return null
  const { attention, axis, share = 0.5 } = found
  const place = `heads(${show(path)})`
  check('qkClip', { [`share of ${place}`]: share }, inClosedUnitInterval)
  const at = axis < 0 ? axis + shape.length : axis
  const length = shape[at]
  if (!Number.isInteger(at) || length === undefined) {
    throw new InvalidOption(`qkClip: axis of ${place} must be an axis of shape ${show(shape)}, got ${show(axis)}`)
  }
  if (!Object.hasOwn(maxLogits, attention)) {
    throw new InvalidOption(
      `qkClip: maxLogits must have a field ${show(attention)}, as ${place} says, got ${show(maxLogits)}`
    )
  }
  const given: unknown = maxLogits[attention]
  const logits = Array.isArray(given) ? given : [given]
  if (logits.length === 0 || !logits.every((x) => typeof x === 'number')) {
    throw new InvalidOption(`qkClip: maxLogits.${attention} must be a number or a list of numbers, got ${show(given)}`)
  }
  if (length % logits.length !== 0) {
    throw new InvalidTree(
      `qkClip: params${path} of shape ${show(shape)} does not have ${logits.length} heads along axis ${show(axis)}`
    )
  }
  const each = logits.map((s: number) => (s > tau && s < Infinity ? pow(tau / s, share) : 1))
  if (each.every((factor) => factor === 1)) return null
  const width = length / logits.length
  return ndarray(
    Float64Array.from({ length }, (_, i) => each[Math.floor(i / width)] as number),
    shape.map((_, i) => (i === at ? length : 1))
  )
}
