// For the tests of this package: transformations that break one law each, and how to see a law broken.
import {
  type AnyGradientTransformation,
  type EmptyState,
  mul,
  stateless,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { type ArrayLeaf, dataOf, isArrayLeaf } from './internal/elements.js'
import { asTransformation } from './internal/erase.js'
import { mapLeaves, mapNumbers } from './internal/mapLeaves.js'
import { type Law, type LawOptions, property } from './law.js'

/** Whether a law catches a subject, and what it says. */
export const verdict = <Subject, Case>(
  law: Law<Subject, Case>,
  subject: Subject,
  options: LawOptions = {},
  runs = 300
): string | null => {
  const { failed, errorInstance } = fc.check(property(law, subject, options), { numRuns: runs, endOnFailure: true })
  return failed ? String(errorInstance) : null
}

/** A bare pair of functions on raw trees, without a state. */
export const onArrays = (f: (updates: unknown, params: unknown) => unknown): AnyGradientTransformation =>
  asTransformation({ init: () => ({}), update: (updates, state, params) => [f(updates, params), state] })

/** A transformation of trees of expressions, without a state. */
export const onExpressions = (f: (updates: Tree, params: Tree) => Tree): AnyGradientTransformation => stateless(f)

/** Every number changed. */
export const eachNumber = (f: (x: number, index: number) => number): AnyGradientTransformation =>
  onArrays((updates) => mapNumbers(updates, f))

/** A fresh copy. */
export const copied = (value: unknown): unknown => mapNumbers(value, (x) => x)

/** Writes 0 into the first element of every array. */
export const spoil = (value: unknown): void => {
  mapLeaves(value, (leaf) => {
    if (isArrayLeaf(leaf) && dataOf(leaf).length > 0) dataOf(leaf)[0] = 0.25
    return leaf
  })
}

/** The arrays of a tree, each with one element more. */
export const grown = (value: unknown): unknown => mapLeaves(value, (leaf) => (isArrayLeaf(leaf) ? longer(leaf) : leaf))

const longer = (leaf: ArrayLeaf): unknown => Float32Array.from([...dataOf(leaf), 1])

/** Halves: the plainest transformation there is. */
export const halve = (): AnyGradientTransformation =>
  transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => mul(0.5, g), updates), state]
  })
