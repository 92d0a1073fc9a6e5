import type { Batch } from '../internal/plan.js'
import { joined, type Tie } from './joined.js'
import { binding, lengthsOf, type Place, THREADS, type Work } from './launch.js'
import { BLOCK_QUADS } from './writer.js'

/** What kernels are written for. */
export interface LaunchFacts {
  /** Whether a workgroup's threads run side by side, and many workgroups, as on a graphics card. */
  readonly isShared: boolean
  /** How many bytes are bound of a buffer. */
  readonly bytesOf: (buffer: Place['buffer']) => number
  /** How many numbers the plan has room for. */
  readonly numbers: number
  /** What the numbers of the host are at the moment, so that equal ones are taken for one; `null` where they are not. */
  readonly values: Float32Array | null
}

/** A kernel, what it is told about its members, and how often it is launched. */
export interface Launch {
  readonly code: string
  readonly buffers: readonly Place['buffer'][]
  readonly usesNumbers: boolean
  readonly table: Uint32Array<ArrayBuffer>
  readonly groups: number
  /** Which numbers of the host have to be the same. */
  readonly ties: readonly Tie[]
}

/** Threads that go through the elements of a member together. */
const TEAM = 16

/** How many groups of four elements a thread does at the most: what it is told is read once for all of them. */
const MOST_ROUNDS = { card: 8, processor: 64 } as const

/** So many workgroups are enough for the cores of a processor. */
const ENOUGH_GROUPS = 8

/** What each workgroup or thread is told, by the grain of the work: of which member, and where in it. */
const sharesOf = (batch: Batch, rounds: number): number[] => {
  const shares: number[] = []
  let at = 0
  const records = batch.map(({ member }) => {
    at += member.record.length
    return at - member.record.length
  })
  batch.forEach(({ grain, member, groups = 0 }, i) => {
    const record = records[i] as number
    if (grain === 'members') shares.push(record)
    else if (grain === 'groups') for (let k = 0; k < groups; k++) shares.push(record, k)
    else {
      const quads = Math.ceil(member.size / 4)
      if (grain === 'elements') for (let q = 0; q < quads; q += TEAM * rounds) shares.push(record, q)
      else for (let block = 0; block * BLOCK_QUADS < quads; block++) shares.push(record, block)
    }
  })
  return shares
}

/** How many groups of four elements each thread does: several where arrays are large. */
const roundsOf = (batch: Batch, isShared: boolean): number => {
  const quads = batch.reduce((sum, { member }) => sum + member.size / 4, 0)
  const each = quads / batch.length / TEAM
  const rounds = isShared
    ? Math.min(MOST_ROUNDS.card, each / 16)
    : Math.min(MOST_ROUNDS.processor, each, quads / THREADS / ENOUGH_GROUPS)
  return Math.max(1, Math.floor(rounds))
}

/** Room for so many words: as much for many numbers of them, so that kernels are the same. */
export const roomFor = (words: number): number => {
  let room = 16
  while (room < words) room *= 2
  return room
}

/** How many shares a workgroup has. */
const PER_GROUP = { elements: THREADS / TEAM, blocks: THREADS, shared: 1, groups: 1, members: THREADS } as const

const ENTRY = `fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
let share = group.x + group.y * groups.x;`

/** The kernel of a batch, and what it is told. */
export const launchOf = (given: Batch, { isShared, bytesOf, numbers, values }: LaunchFacts): Launch => {
  const [work] = given as readonly [Work, ...Work[]]
  const { head, body, grain, buffers, usesNumbers } = work
  const { members, ties } = joined(
    given.map(({ member }) => member),
    values
  )
  const batch =
    ties.length === 0 && members.length === given.length ? given : members.map((member) => ({ ...work, member }))
  const rounds = grain === 'elements' ? roundsOf(batch, isShared) : 1
  const shares = sharesOf(batch, rounds)
  const words = grain === 'members' ? 1 : 2
  const count = shares.length / words
  const base = 1 + shares.length
  for (let i = 0; i < shares.length; i += words) shares[i] = (shares[i] as number) + base
  const records = batch.flatMap(({ member }) => member.record)
  const perGroup = PER_GROUP[grain]
  const share = perGroup === 1 ? 'share' : `share * ${perGroup}u + lane${perGroup === THREADS ? '' : ` / ${TEAM}u`}`
  const told = [count, ...shares, ...records]
  const table = new Uint32Array(roomFor(told.length))
  table.set(told)
  const code = `${lengthsOf(table.length, numbers, buffers.map(bytesOf))}
${head}
${binding(0, false, 'table', 'u32', 'TABLE')}
${grain === 'shared' ? `var<workgroup> terms: array<vec4<f32>, ${BLOCK_QUADS}>;` : ''}
const COUNT = ${TEAM * rounds}u;
@compute @workgroup_size(${THREADS})
${ENTRY}
let part = ${share};
if (part >= table[0]) { return; }
let at = table[1u + ${words}u * part];
${words === 2 ? 'let first = table[2u + 2u * part];' : ''}
${body}
}`
  return {
    code,
    buffers,
    usesNumbers,
    table,
    ties,
    groups: Math.ceil(count / perGroup)
  }
}
