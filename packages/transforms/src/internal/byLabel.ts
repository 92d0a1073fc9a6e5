import { check, InvalidOption, oneOf, type Requirement, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import type { Labels } from '../selection/partition.js'
import { checkPerLeaf, expandPerLeaf } from './perLeaf.js'
import { valueAt } from './valueAt.js'

/** A number or a schedule for each label. */
export type ByLabel = Readonly<Record<string, ScalarOrSchedule>>

/** What there is at a step: the number of each leaf. */
export type ValuesAt = (params: Tree, step: number) => Tree<number>

/**
 * The numbers of the leaves, out of one for each label and the labels of the leaves.
 *
 * @throws InvalidOption for what is no table of the numbers or schedules required, and for a label without one; from what is
 * returned, InvalidTree where the labels do not fit the params.
 */
export const valuesByLabel = <P, M>(
  owner: string,
  name: string,
  table: ByLabel,
  each: Requirement,
  labels: Labels<P, M>
): ValuesAt => {
  if (table === null || typeof table !== 'object' || Array.isArray(table)) {
    throw new InvalidOption(`${owner}: ${name} must be an object with a value for each label, got ${show(table)}`)
  }
  const names = Object.keys(table)
  for (const label of names) check(owner, { [`${name}.${label}`]: table[label] }, each)
  const known = oneOf(...names)
  checkPerLeaf(owner, 'labels', labels, known)
  const schedules = Object.entries(table).map(([label, value]) => [label, asSchedule(value)] as const)

  return (params, step) => {
    const values = new Map(schedules.map(([label, schedule]) => [label, valueAt(owner, schedule, step)]))
    const full = expandPerLeaf<string>(owner, 'labels', labels, params, known)
    // Every label of the full tree is a known one.
    return tree.map((label) => values.get(label) as number, full)
  }
}
