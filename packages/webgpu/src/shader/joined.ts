import type { Member } from './launch.js'

/** Two numbers of the host, by their places, that are the same for as long as what was joined is. */
export type Tie = readonly [number, number]

/** Members that became fewer, and what that stands on. */
export interface Joined {
  readonly members: readonly Member[]
  readonly ties: readonly Tie[]
}

/**
 * Members that lie one after the other, each as far from the one before in all of its arrays, as one: what is between them is nobody's, and is
 * computed, too. Their numbers must be the same: those of the host are when they have the same values, `null` where that is not asked.
 */
export const joined = (members: readonly Member[], values: Float32Array | null): Joined => {
  const ties: Tie[] = []
  const groups: Member[][] = []
  for (const member of members) {
    const group = groups.at(-1)
    const found = group === undefined ? null : tiesOf(group[0] as Member, group.at(-1) as Member, member, values)
    if (group === undefined || found === null) groups.push([member])
    else {
      group.push(member)
      for (const tie of found) ties.push(tie)
    }
  }
  return { members: groups.map(asOne), ties }
}

const quadsOf = ({ record }: Member): number => record[0] as number

/** How far a member is from an earlier one, in groups of four elements; NaN where its arrays disagree. */
const distance = (from: Member, { record, form }: Member): number => {
  const [first, ...others] = (form?.starts ?? []).map(
    ([at, unit]) => ((record[at] as number) - (from.record[at] as number)) / unit
  )
  return first !== undefined && others.every((other) => other === first) ? first : Number.NaN
}

/** Which numbers must be the same for a member to go on from the last one of a group; `null` where it does not. */
const tiesOf = (first: Member, last: Member, next: Member, values: Float32Array | null): readonly Tie[] | null => {
  const { form } = next
  if (form === undefined || last.form === undefined) return null
  const step = distance(last, next)
  if (!(step >= quadsOf(last) && step <= last.form.room)) return null
  const ties: Tie[] = []
  const starts = new Set(form.starts.map(([at]) => at))
  const hosted = new Set(form.hosted)
  for (let at = 1; at < next.record.length; at++) {
    const [own, other] = [next.record[at] as number, first.record[at] as number]
    if (own === other || starts.has(at)) continue
    if (values === null || !hosted.has(at) || !first.form?.hosted.includes(at)) return null
    if (!Object.is(values[own], values[other])) return null
    ties.push([other, own])
  }
  return ties
}

const asOne = (group: readonly Member[]): Member => {
  const [first, last] = [group[0] as Member, group.at(-1) as Member]
  if (first === last) return first
  const quads = distance(first, last) + quadsOf(last)
  return { ...first, record: [quads, ...first.record.slice(1)], size: 4 * quads }
}
