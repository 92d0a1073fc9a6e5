import { expect, test } from 'vitest'
import { joined } from './joined.js'
import type { Member, RecordForm } from './launch.js'

const form: RecordForm = {
  starts: [
    [1, 1],
    [2, 4]
  ],
  hosted: [3],
  room: 4
}

/** A member of some groups of four elements that begins at one of them in two arrays, with a number of the host, and one of the device. */
const memberAt = (quad: number, number = 0, quads = 3, other = quad): Member => ({
  record: [quads, quad, 4 * other, number, 9],
  reads: [],
  writes: [],
  size: 4 * quads,
  form
})

const records = (members: readonly Member[], values: Float32Array | null = null) =>
  joined(members, values).members.map(({ record, size }) => [...record, size])

test('members that lie one after the other are one, with what is nobody’s between them', () => {
  expect(records([memberAt(0), memberAt(3), memberAt(7), memberAt(10, 0, 1)])).toStrictEqual([[11, 0, 0, 0, 9, 44]])
})

test.each<[string, Member]>([
  ['beyond what is nobody’s', memberAt(5)],
  ['before where the first one ends', memberAt(2)],
  ['farther on in one array than in another', memberAt(3, 0, 3, 4)],
  ['of another number of the device', { ...memberAt(3), record: [3, 3, 12, 0, 8] }],
  ['of which nothing is known', { record: [3, 3, 12, 0, 9], reads: [], writes: [], size: 12 }]
])('not so a member that is %s', (_what, next) => {
  const members = [memberAt(0), next]
  expect(joined(members, null)).toStrictEqual({ members, ties: [] })
})

test('numbers of the host that are the same now are tied, others keep members apart', () => {
  const members = [memberAt(0, 0), memberAt(3, 1), memberAt(6, 2), memberAt(9, 0)]
  const values = Float32Array.of(0.5, 0.5, -0.5)
  expect(records(members, values)).toStrictEqual([
    [6, 0, 0, 0, 9, 24],
    [3, 6, 24, 2, 9, 12],
    [3, 9, 36, 0, 9, 12]
  ])
  expect(joined(members, values).ties).toStrictEqual([[0, 1]])
  expect(joined(members, null)).toStrictEqual({ members, ties: [] })
})
