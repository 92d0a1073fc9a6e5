import { check, InvalidTree, type Leaf, optional, show, type Tree, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { listed, matches, missOf, type Place, placesOf, readPattern } from '../internal/pathPattern.js'
import { anObject, aString } from '../internal/requirements.js'
import { remembered } from '../internal/selectByPath.js'

/** Options of {@link labelByPath}. */
export interface LabelByPathOptions<L extends string = string> {
  /** The label of a leaf that no pattern matches; without it, such a leaf is an error. */
  readonly otherwise?: L | undefined
}

/**
 * Labels for {@link partition}, by the path of each leaf: parameter groups.
 *
 * The patterns are those of {@link byPath}. Each leaf must have one label: that two patterns give it different ones is an
 * error, whatever their order, and so is a leaf that none matches unless `otherwise` says its label, and a pattern that
 * matches nothing.
 *
 * Laws: the order of the patterns does not matter; the leaves of a label are those of {@link byPath} of its patterns, and with
 * `otherwise` of {@link notByPath} of all.
 *
 * @param labels - a label for each pattern.
 *
 * @example
 * const params = { backbone: [1, 2], head: { kernel: 3, bias: 4 } }
 * labelByPath({ 'backbone.**': 'slow' }, { otherwise: 'fast' })(params)
 * // => { backbone: ['slow', 'slow'], head: { kernel: 'fast', bias: 'fast' } }
 *
 * @example
 * // A learning rate for each part, and a frozen embedding.
 * const tx = partition(
 *   { slow: scaleByLearningRate(1e-5), fast: scaleByLearningRate(1e-3), frozen: setToZero() },
 *   labelByPath({ 'embedding.**': 'frozen', 'layers[*].**': 'slow', 'head.**': 'fast' })
 * )
 *
 * @throws InvalidOption for a pattern that cannot be read and a label that is no string; InvalidTree, where the labels are used,
 * for a leaf with two labels or none, and for a pattern that matches nothing.
 * @see partition, byPath
 */
export const labelByPath = <const L extends string>(
  labels: Readonly<Record<string, L>>,
  options: LabelByPathOptions<L> = {}
): ((params: Tree<Leaf>) => Tree<L>) => {
  const { otherwise } = withDefaults<{ otherwise: L | undefined }>('labelByPath', options, { otherwise: undefined })
  check('labelByPath', { labels }, anObject)
  check('labelByPath', { otherwise }, optional(aString))
  const rules = Object.entries(labels).map(([text, label]) => {
    check('labelByPath', { [`the label of ${show(text)}`]: label }, aString)
    return { pattern: readPattern('labelByPath', text), label }
  })
  const refuse = (what: string): never => {
    throw new InvalidTree(`labelByPath: ${what}`)
  }
  const labelOf = ({ path, steps }: Place): L | undefined => {
    const found = rules.filter(({ pattern }) => matches(pattern, steps))
    const other = found.find(({ label }) => label !== found[0]?.label)
    if (found[0] !== undefined && other !== undefined) {
      const named = [found[0], other].map(({ pattern, label }) => `${show(label)} by ${show(pattern.text)}`)
      return refuse(`${path} is ${named.join(' and ')}`)
    }
    return found[0]?.label ?? otherwise
  }

  return remembered(['labelByPath', { ...labels }, { ...options }], (params) => {
    const places = placesOf(params)
    const missed = missOf(
      rules.map(({ pattern }) => pattern),
      places,
      params
    )
    if (missed !== undefined) refuse(missed)
    const found = places.map(labelOf)
    const without = places.filter((_, i) => found[i] === undefined).map(({ path }) => path)
    if (without.length > 0) refuse(`no pattern matches ${listed(without)}; say what it is otherwise`)
    return tree.unflatten(params, found as readonly L[])
  })
}
