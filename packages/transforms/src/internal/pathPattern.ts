import { InvalidOption, isContainer, type Leaf, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** A step into a tree: a key of an object, or an index of an array. */
export type Step = string | number

/** A part of a pattern: what one step must be, or `**`, which stands for any number of them. */
type Part = '**' | '*' | '[*]' | { readonly step: Step } | { readonly name: string }

/** A pattern that was read. */
export interface PathPattern {
  /** As it was written. */
  readonly text: string
  readonly parts: readonly Part[]
}

/** Where a leaf stands. */
export interface Place {
  /** As in error messages, such as `.layers[0].kernel`. */
  readonly path: string
  readonly steps: readonly Step[]
}

// A name ends where the next part begins.
const NAME = /^[^.[\]"]+/
const INDEX = /^\[(\d+)\]/
const QUOTED = /^\["(?:[^"\\]|\\.)*"\]/

/**
 * Reads a pattern, or the path of a leaf, which is one without wildcards.
 *
 * @throws InvalidOption that says from where on it makes no sense.
 */
export const readPattern = (owner: string, text: string): PathPattern => {
  const parts: Part[] = []
  // The first dot may be left out.
  let rest = text === '' || text.startsWith('.') || text.startsWith('[') ? text : `.${text}`
  const refuse = (): never => {
    throw new InvalidOption(
      `${owner}: a pattern must be a path such as ".layers[0].kernel", with * or [*] for one part and ** for any number of ` +
        `them, got ${show(text)}, which makes no sense from ${show(rest)} on`
    )
  }
  while (rest !== '') {
    const [length, part] = nextPart(rest) ?? refuse()
    parts.push(part)
    rest = rest.slice(length)
  }
  return { text, parts }
}

/** The first part of a text that is not empty, and how long it is. */
const nextPart = (rest: string): readonly [number, Part] | undefined => {
  if (rest.startsWith('.')) {
    const name = NAME.exec(rest.slice(1))?.[0]
    if (name === undefined) return undefined
    if (name === '**' || name === '*') return [name.length + 1, name]
    if (name.includes('**')) return undefined
    return [name.length + 1, name.includes('*') ? { name } : { step: name }]
  }
  if (rest.startsWith('[*]')) return [3, '[*]']
  const index = INDEX.exec(rest)
  if (index !== null) return [index[0].length, { step: Number(index[1]) }]
  const quoted = QUOTED.exec(rest)?.[0]
  const key = quoted === undefined ? undefined : unquoted(quoted.slice(1, -1))
  return quoted === undefined || key === undefined ? undefined : [quoted.length, { step: key }]
}

const unquoted = (text: string): string | undefined => {
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Whether a text or a path is what a pattern says; `isRun` tells what stands for any number of items. Never exponential. */
const matchesRun = <P, S>(
  pattern: readonly P[],
  subject: readonly S[],
  isRun: (part: P) => boolean,
  fits: (part: P, item: S) => boolean
): boolean => {
  let at = 0
  let run = -1
  let resume = 0
  for (let i = 0; i < subject.length; ) {
    const part = pattern[at]
    if (part !== undefined && isRun(part)) {
      run = at++
      resume = i
    } else if (part !== undefined && fits(part, subject[i] as S)) {
      at++
      i++
    } else if (run >= 0) {
      // The last run takes one item more: an earlier one could not do better.
      at = run + 1
      i = ++resume
    } else return false
  }
  return pattern.slice(at).every(isRun)
}

const fitsStep = (part: Part, step: Step): boolean => {
  if (part === '*') return true
  if (part === '[*]') return typeof step === 'number'
  if (part === '**') return false
  if ('step' in part) return part.step === step
  return (
    typeof step === 'string' &&
    matchesRun(
      [...part.name],
      [...step],
      (character) => character === '*',
      (wanted, character) => wanted === character
    )
  )
}

/** Whether a pattern matches a whole path. */
export const matches = ({ parts }: PathPattern, steps: readonly Step[]): boolean =>
  matchesRun(parts, steps, (part) => part === '**', fitsStep)

/** The steps that a pattern without wildcards says; `undefined` of one that has some. */
export const stepsOf = ({ parts }: PathPattern): readonly Step[] | undefined =>
  parts.every((part) => typeof part === 'object' && 'step' in part) ? parts.map(stepOf) : undefined

// A path has no wildcards: a key with such a character stands in quotes.
const stepOf = (part: Part): Step => (typeof part === 'object' && 'step' in part ? part.step : '')

/** Where the leaves stand, in tree order. */
export const placesOf = (params: Tree<Leaf>): readonly Place[] =>
  tree.paths(params).map((path) => ({
    path,
    steps: readPattern('paths', path).parts.map(stepOf)
  }))

type Steps = readonly Step[]

/** Where a tree is empty: its `null`s, which may stand for leaves that another mask has taken out, and empty containers. */
const emptyPlacesOf = (params: Tree<Leaf>): readonly Steps[] => {
  const found: Steps[] = []
  const stack: { readonly node: Tree<Leaf>; readonly steps: Steps }[] = [{ node: params, steps: [] }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, steps } = next
    if (node !== null && !isContainer(node)) continue
    const children: readonly [string, Tree<Leaf>][] = node === null ? [] : Object.entries(node)
    if (children.length === 0) found.push(steps)
    for (const [key, child] of children) {
      stack.push({ node: child, steps: [...steps, Array.isArray(node) ? Number(key) : key] })
    }
  }
  return found
}

/** A few of many paths. */
export const listed = (paths: readonly string[]): string =>
  paths.length <= 5 ? paths.join(', ') : `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more`

/**
 * What to say of the first pattern that matches nothing; `undefined` where each has a leaf, or a place where a leaf is
 * missing, and for params without a leaf.
 */
export const missOf = (
  patterns: readonly PathPattern[],
  places: readonly Place[],
  params: Tree<Leaf>
): string | undefined => {
  if (places.length === 0) return undefined
  const missing = patterns.filter((pattern) => !places.some(({ steps }) => matches(pattern, steps)))
  if (missing.length === 0) return undefined
  const empty = emptyPlacesOf(params)
  const missed = missing.find((pattern) => !empty.some((steps) => matches(pattern, steps)))
  if (missed === undefined) return undefined
  const below = readPattern('paths', `${missed.text}.**`)
  const hint = places.some(({ steps }) => matches(below, steps))
    ? `${show(below.text)} would`
    : `there are ${listed(places.map(({ path }) => path))}`
  return `the pattern ${show(missed.text)} matches no leaf of the params; ${hint}`
}
