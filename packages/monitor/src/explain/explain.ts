import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  GradchainError,
  InvalidOption,
  identity,
  type Leaf,
  oneOf,
  type Tree,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { outline } from '../internal/equations/outline.js'
import { type Format, print } from '../internal/equations/print.js'
import { type Recording, record } from '../internal/equations/record.js'

/** Options of {@link explain}. */
export interface ExplainOptions {
  /** What it is written in: text, Markdown with LaTeX, or a list in HTML with MathML. @defaultValue `'text'` */
  readonly format?: 'text' | 'markdown' | 'mathml' | undefined
  /** What the transformation needs besides gradients and params, such as `{ value: 1 }`. @defaultValue none */
  readonly extra?: unknown
}

/**
 * A transformation as equations: what it computes, what it remembers, and with which numbers.
 *
 * Updates are symbolic, so the transformation itself is run, on symbols for params, gradients and state, and the graph that comes out is
 * written down; nothing else says what a transformation does. Each part of a chain and whatever is wrapped has its lines under the call
 * that it was made by:
 *
 *     g, p                  gradient and param
 *     mₜ, mₜ₋₁, m₀          what is remembered: after the step, before it, and before the first
 *     m̂                     mₜ made up for its start
 *     u₁, u₂, …             what each part emits
 *     ‖g‖, ‖g‖ₐₗₗ           of one leaf, and of all together
 *     u = …    for w        where leaves are not treated alike
 *     at t = 5, 10, 15, …   where steps are not
 *     αₜ                    the value of a schedule, which is named
 *
 * Numbers of the host, such as 1 − βᵗ, are seen in many steps, and written as the formula of t, of a schedule or of what is remembered that
 * gives all of them. One that changes in no way that was found has a letter, and its first values beside it; none that changes is written
 * as a constant. What is decided on the host by looking at arrays, such as whether they are finite, is said with what it looks at; of a
 * branch that was never taken nothing is written. Roundings to another dtype are left out, and an opaque function is a name.
 *
 * Laws: the same text for the same call; arguments are left alone.
 *
 * @param params - a tree like that which is trained: what is said of leaves depends on their names and shapes. Its numbers matter only to
 * what the host looks at.
 *
 * @example
 * explain(sgd(0.1, { momentum: 0.9 }), { w: new Float32Array(3) }).split('\n').slice(2)
 * // => ['    b₀ = 0', '    bₜ = 0.9 bₜ₋₁ + g', '    u₁ = g + 0.9 bₜ₋₁', '  scaleByLearningRate(0.1)', '    u₂ = −0.1 u₁', 'p ← p + u₂']
 *
 * @example
 * explain(scale(0.5), { w: 1 }, { format: 'markdown' }).split('\n') // => ['- `scale(0.5)`', '  - $u = 0.5\\, g$', '- $p \\leftarrow p + u$']
 *
 * @throws InvalidTree for params that are none. InvalidOption for what is no transformation, for a format that there is not, and where it
 * cannot be run on symbols, or needs something that `extra` does not have.
 * @see describe
 */
export const explain = <P>(tx: AnyGradientTransformation, params: Valid<P>, options: ExplainOptions = {}): string => {
  definitionOf('explain', tx)
  // Says where in the tree something is no param.
  identity().init(params)
  const { format, extra } = withDefaults<Chosen>('explain', options, { format: 'text', extra: undefined })
  check('explain', { format }, oneOf('text', 'markdown', 'mathml'))
  return print(outline(tx, recorded(tx, params as Tree<Leaf>, extra)), format)
}

interface Chosen {
  readonly format: Format
  readonly extra: unknown
}

const recorded = (tx: AnyGradientTransformation, params: Tree<Leaf>, extra: unknown): Recording => {
  try {
    return record(tx, params, extra)
  } catch (error) {
    if (error instanceof GradchainError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new InvalidOption(`explain: tx must run on symbols with the extra that is given, got an error: ${reason}`)
  }
}
