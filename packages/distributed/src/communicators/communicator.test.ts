// What communicators do, by the ranks of one thread, all of whose results are awaited.
import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommunicationError } from './communicationError.js'
import type { Communicator } from './communicator.js'
import { joinLocal } from './joinLocal.js'
import { type LocalSeat, localGroup } from './localGroup.js'
import type { Pending } from './pending.js'
import { solo } from './solo.js'

const groupOf = (size: number, timeout = 60_000): readonly Communicator[] =>
  localGroup(size, { timeout }).map(joinLocal)

/** What every rank gets when all call this. */
const all = <T>(comms: readonly Communicator[], call: (comm: Communicator, rank: number) => Pending<T>): Promise<T[]> =>
  Promise.all(comms.map((comm) => call(comm, comm.rank).promise()))

/** The errors of ranks that all fail. */
const failures = async (
  comms: readonly Communicator[],
  call: (comm: Communicator, rank: number) => Pending<unknown>
): Promise<readonly (readonly [string, string])[]> => {
  const settled = await Promise.allSettled(comms.map(async (comm) => call(comm, comm.rank).promise()))
  return settled.map((one) => {
    if (one.status === 'fulfilled' || !(one.reason instanceof CommunicationError)) throw one
    return [one.reason.kind, one.reason.message] as const
  })
}

/** Compares long arrays faster than Vitest would. */
const isSame = (found: Float32Array | undefined, expected: Float32Array): boolean =>
  found?.length === expected.length && found.every((x, i) => Object.is(x, expected[i]))

const same = <T>(size: number, value: T): T[] => Array.from({ length: size }, () => value)

describe.each([1, 2, 3, 5])('%s ranks', (size) => {
  const numbers = Array.from({ length: size }, (_, r) => r + 1)
  const total = numbers.reduce((a, b) => a + b)
  const leaf = (r: number) => ({
    w: Float32Array.of(r + 1, -r),
    n: r + 1,
    layers: [{ kernel: ndarray(new Float64Array(6).fill(2 ** r), [2, 3]), count: Int32Array.of(r, 10) }, null],
    name: 'adam'
  })

  test('sums every leaf of a tree, and gives it back in its form', async () => {
    const sums = await all(groupOf(size), (comm, r) => comm.allReduce(leaf(r)))
    const expected = {
      w: Float32Array.of(total, -(total - size)),
      n: total,
      layers: [
        {
          kernel: ndarray(new Float64Array(6).fill(2 ** size - 1), [2, 3]),
          count: Int32Array.of(total - size, 10 * size)
        },
        null
      ],
      name: 'adam'
    }
    expect(sums).toStrictEqual(same(size, expected))
    expect(Object.keys(sums[0] as object)).toStrictEqual(['w', 'n', 'layers', 'name'])
  })

  test('takes means, largest and smallest', async () => {
    const comms = groupOf(size)
    const given = (r: number) => ({ x: Float32Array.of(r + 1, -r - 1), n: r, m: Float64Array.of(r) })
    const mean = await all(comms, (comm, r) => comm.allReduce(given(r), { op: 'mean' }))
    const centre = (size - 1) / 2
    expect(mean).toStrictEqual(
      same(size, { x: Float32Array.of(centre + 1, -centre - 1), n: centre, m: Float64Array.of(centre) })
    )
    const most = await all(comms, (comm, r) => comm.allReduce(given(r), { op: 'max' }))
    expect(most).toStrictEqual(same(size, { x: Float32Array.of(size, -1), n: size - 1, m: Float64Array.of(size - 1) }))
    const least = await all(comms, (comm, r) => comm.allReduce(given(r), { op: 'min' }))
    expect(least).toStrictEqual(same(size, { x: Float32Array.of(1, -size), n: 0, m: Float64Array.of(0) }))
  })

  test.each(['max', 'min'] as const)('NaN on one rank is NaN in the %s on all, and −0 is less than 0', async (op) => {
    for (const odd of numbers.keys()) {
      const found = await all(groupOf(size), (comm, r) =>
        comm.allReduce(
          { x: Float32Array.of(r === odd ? NaN : r, r === odd ? -0 : 0), y: r === odd ? -NaN : Infinity },
          { op }
        )
      )
      const zero = size === 1 || op === 'min' ? -0 : 0
      expect(found).toStrictEqual(same(size, { x: Float32Array.of(NaN, zero), y: NaN }))
    }
  })

  test('the largest and the smallest of any floats are those of their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('max' as const, 'min' as const),
        fc.array(fc.array(fc.float({ noNaN: true }), { minLength: 4, maxLength: 4 }), {
          minLength: size,
          maxLength: size
        }),
        async (op, lists) => {
          const [found] = await all(groupOf(size), (comm, r) =>
            comm.allReduce([Float32Array.from(lists[r] ?? []), Float64Array.from(lists[r] ?? [])], { op })
          )
          const expected = Array.from({ length: 4 }, (_, i) => Math[op](...lists.map((list) => list[i] as number)))
          expect(found).toStrictEqual([Float32Array.from(expected), Float64Array.from(expected)])
        }
      ),
      { numRuns: 20 }
    )
  })

  test('integers of every kind are added up, and go round', async () => {
    const arrays = [
      Int8Array.of(100, -1),
      Uint8Array.of(200, 1),
      Int16Array.of(-7),
      Uint16Array.of(65_535),
      Int32Array.of(2 ** 31 - 1),
      Uint32Array.of(2 ** 31),
      BigInt64Array.of(-(2n ** 62n)),
      BigUint64Array.of(2n ** 63n)
    ]
    const [sums] = await all(groupOf(size), (comm) => comm.allReduce(arrays))
    const times = (array: (typeof arrays)[number]) =>
      array instanceof BigInt64Array || array instanceof BigUint64Array
        ? array.map((x) => x * BigInt(size))
        : array.map((x) => x * size)
    expect(sums).toStrictEqual(arrays.map(times))
    const [least] = await all(groupOf(size), (comm, r) =>
      comm.allReduce([Uint8Array.of(200 - r, r), BigInt64Array.of(-BigInt(r))], { op: 'min' })
    )
    expect(least).toStrictEqual([Uint8Array.of(201 - size, 0), BigInt64Array.of(-BigInt(size - 1))])
  })

  test('16 bits are added up in float32 and rounded once', async () => {
    // 256 + 1 + 1 + … would stay 256 if each sum were rounded to bfloat16.
    const [sum] = await all(groupOf(size), (comm, r) =>
      comm.allReduce({
        b: ndarray([r === 0 ? 256 : 1], [1], 'bfloat16'),
        h: ndarray([r === 0 ? 2048 : 1], [1, 1], 'float16')
      })
    )
    expect(sum).toStrictEqual({
      b: ndarray([256 + size - 1], [1], 'bfloat16'),
      h: ndarray([2048 + size - 1], [1, 1], 'float16')
    })
    const [mean] = await all(groupOf(size), (comm) => comm.allReduce(ndarray([60_000], [1], 'float16'), { op: 'mean' }))
    expect(mean).toStrictEqual(ndarray([60_000], [1], 'float16'))
  })

  test('each rank gets its part of what is reduced and scattered', async () => {
    const parts = (r: number) =>
      numbers.map((n) => ({ w: new Float32Array(n).fill(r + 1), [`only${n}`]: Float64Array.of(n * (r + 1)) }))
    const got = await all(groupOf(size), (comm, r) => comm.reduceScatter(parts(r)))
    expect(got).toStrictEqual(
      numbers.map((n) => ({ w: new Float32Array(n).fill(total), [`only${n}`]: Float64Array.of(n * total) }))
    )
    const means = await all(groupOf(size), (comm, r) => comm.reduceScatter(parts(r), { op: 'mean' }))
    expect(means[size - 1]).toStrictEqual({
      w: new Float32Array(size).fill(total / size),
      [`only${size}`]: Float64Array.of(total)
    })
  })

  test('all ranks gather what each has, of any form, again and again', async () => {
    const comms = groupOf(size)
    const own = (r: number) => ({ [`rank${r}`]: new Float32Array(r).fill(r), n: BigInt(r), on: r % 2 === 0, s: `${r}` })
    for (const _ of [1, 2]) {
      expect(await all(comms, (comm, r) => comm.allGather(own(r)))).toStrictEqual(
        same(size, [...numbers.keys()].map(own))
      )
    }
    const alike = await all(comms, (comm, r) => comm.allGather({ x: r, w: Uint8Array.of(r) }))
    expect(alike[0]).toStrictEqual([...numbers.keys()].map((r) => ({ x: r, w: Uint8Array.of(r) })))
  })

  test('the tree of a root goes to all', async () => {
    const root = size - 1
    const got = await all(groupOf(size), (comm, r) => comm.broadcast(leaf(r), root))
    expect(got).toStrictEqual(same(size, leaf(root)))
  })

  test('ranks exchange trees in a ring, and with themselves', async () => {
    const ring = await all(groupOf(size), (comm, r) =>
      comm.exchange({ w: Float32Array.of(r), n: r }, { to: (r + 1) % size, from: (r + size - 1) % size })
    )
    expect(ring).toStrictEqual(
      [...numbers.keys()].map((r) => (r + size - 1) % size).map((r) => ({ w: Float32Array.of(r), n: r }))
    )
    const own = await all(groupOf(size), (comm, r) => comm.exchange(r, { to: r, from: r }))
    expect(own).toStrictEqual([...numbers.keys()])
  })

  test('what is larger than the memory between ranks goes through in pieces', async () => {
    const length = 300_001
    const given = (r: number) => ({ w: new Float32Array(length).map((_, i) => (i % 1000) + r), v: Uint8Array.of(1) })
    const comms = groupOf(size)
    const sum = new Float32Array(length).map((_, i) => (i % 1000) * size + total - size)
    const [got] = await all(comms, (comm, r) => comm.allReduce(given(r)))
    expect(isSame(got?.w, sum)).toBe(true)
    const parts = await all(comms, (comm, r) => comm.reduceScatter(numbers.map(() => given(r).w)))
    expect(parts.every((part) => isSame(part, sum))).toBe(true)
    const [gathered] = await all(comms, (comm, r) => comm.allGather(given(r).w.subarray(r)))
    expect(gathered?.map((w) => w.length)).toStrictEqual(numbers.map((n) => length + 1 - n))
    expect(gathered?.at(-1)?.at(-1)).toBe(((length - 1) % 1000) + size - 1)
    const [sent] = await all(comms, (comm, r) => comm.broadcast(given(r).w, size - 1))
    expect(isSame(sent, given(size - 1).w)).toBe(true)
    const [next] = await all(comms, (comm, r) =>
      comm.exchange(given(r).w, { to: (r + size - 1) % size, from: (r + 1) % size })
    )
    expect(isSame(next, given(1 % size).w)).toBe(true)
  })

  test('a result can go into the arrays of an earlier one', async () => {
    const comms = groupOf(size)
    const given = { big: new Float32Array(300_000).fill(1), small: Float32Array.of(2), n: 3 }
    const first = await all(comms, (comm) => comm.allReduce(given))
    const next = await all(comms, (comm, r) => comm.allReduce({ ...given }, { into: first[r] as typeof given }))
    expect(next[0]?.big.every((x) => x === size)).toBe(true)
    expect([next[0]?.small, next[0]?.n]).toStrictEqual([Float32Array.of(2 * size), 3 * size])
    expect(next[0]?.big === first[0]?.big && next[0]?.small === first[0]?.small).toBe(true)
  })

  test('several results may be under way, and be waited for in any order', async () => {
    const got = await Promise.all(
      groupOf(size).map(async (comm) => {
        const pending = numbers.map((n) => comm.allReduce(n))
        const last = await pending.at(-1)?.promise()
        return [...pending.map((one) => one.wait()), last]
      })
    )
    expect(got).toStrictEqual(same(size, [...numbers.map((n) => n * size), size * size]))
  })
})

test('sums are taken in the order of ranks', async () => {
  const [sum] = await all(groupOf(4), (comm, r) => comm.allReduce(Float32Array.of([1e8, 1, -1e8, 1][r] as number)))
  expect(sum).toStrictEqual(Float32Array.of(1))
})

test('what is given is never written', async () => {
  const given = [Float32Array.of(1), Float64Array.of(2)]
  await all(groupOf(2), (comm) => comm.allReduce(given, { op: 'mean' }))
  await all(groupOf(2), (comm) => comm.broadcast(given))
  expect(given).toStrictEqual([Float32Array.of(1), Float64Array.of(2)])
})

test('keys are matched by their names, in whatever order', async () => {
  const given = [
    { a: 1, b: Float32Array.of(10) },
    { b: Float32Array.of(20), a: 2 }
  ]
  const sums = await all(groupOf(2), (comm, r) => comm.allReduce(given[r]))
  expect(sums).toStrictEqual(same(2, { a: 3, b: Float32Array.of(30) }))
  expect(Object.keys(sums[1] as object)).toStrictEqual(['b', 'a'])
})

describe('ranks that disagree all get the same sentence, before anything is sent, and may go on', () => {
  const shaped = (shape: number[]) => ndarray(new Float32Array(8), shape)
  test.each<[string, (comm: Communicator, rank: number) => Pending<unknown>, string]>([
    [
      'on lengths',
      (comm, r) => comm.allReduce({ l: [{ w: new Float32Array(r === 2 ? 8 : 4) }] }),
      'allReduce: tree.l[0].w must be the same on all ranks, got a bare float32 array of length 4 on rank 0 and a bare float32 array of length 8 on rank 2'
    ],
    [
      'on shapes',
      (comm, r) => comm.allReduce({ w: shaped(r === 1 ? [4, 2] : [8]) }),
      'allReduce: tree.w must be the same on all ranks, got a float32 array of shape [8] on rank 0 and a float32 array of shape [4, 2] on rank 1'
    ],
    [
      'on dtypes',
      (comm, r) => comm.broadcast([r === 0 ? new Float32Array(2) : new Int32Array(2)]),
      'broadcast: tree[0] must be the same on all ranks, got a bare float32 array of length 2 on rank 0 and a bare int32 array of length 2 on rank 1'
    ],
    [
      'on keys',
      (comm, r) => comm.allReduce(r === 1 ? { a: 1, b: 2 } : { a: 1 }),
      'allReduce: tree.b must be the same on all ranks, got nothing on rank 0 and a number on rank 1'
    ],
    [
      'on texts',
      (comm, r) => comm.allReduce(r === 1 ? ['b', 1] : ['a', 1]),
      'allReduce: tree[0] must be the same on all ranks, got "a" on rank 0 and "b" on rank 1'
    ],
    [
      'on what is empty',
      (comm, r) => comm.allReduce(r === 1 ? { a: {} } : { a: null }),
      'allReduce: tree.a must be the same on all ranks, got null on rank 0 and an empty object on rank 1'
    ],
    [
      'on a whole tree',
      (comm, r) => comm.allReduce(r === 1 ? 1 : [1, 2]),
      'allReduce: tree[0] must be the same on all ranks, got a number on rank 0 and nothing on rank 1'
    ],
    [
      'on what becomes of numbers',
      (comm, r) => comm.allReduce(1, { op: r === 2 ? 'max' : 'sum' }),
      'allReduce: all ranks must call the same, got allReduce (sum) on rank 0 and allReduce (max) on rank 2'
    ],
    [
      'on what is called',
      (comm, r) => (r === 1 ? comm.broadcast(1, 2) : comm.allGather(1)),
      'allGather: all ranks must call the same, got allGather on rank 0 and broadcast from rank 2 on rank 1'
    ],
    [
      'on a root',
      (comm, r) => comm.broadcast(1, r === 0 ? 0 : 1),
      'broadcast: all ranks must call the same, got broadcast from rank 0 on rank 0 and broadcast from rank 1 on rank 1'
    ],
    [
      'on partners',
      (comm, r) => comm.exchange(1, { to: 0, from: r }),
      'exchange: rank 1 awaits rank 1, which gives its tree to rank 0'
    ]
  ])('%s', async (_on, call, sentence) => {
    const comms = groupOf(3)
    expect(await failures(comms, call)).toStrictEqual(same(3, ['disagreement', sentence]))
    expect(await all(comms, (comm) => comm.allReduce(1))).toStrictEqual([3, 3, 3])
  })
})

test('trees of ever other forms are gathered for longer than their forms are remembered', async () => {
  const comms = groupOf(2)
  for (let i = 0; i < 520; i++) {
    // What a text is, is a part of its form.
    const texts = [0, 1].map((r) => `${i % 515} of ${r}`)
    expect(await all(comms, (comm, r) => comm.allGather([texts[r], r]))).toStrictEqual(
      same(
        2,
        texts.map((text, r) => [text, r])
      )
    )
  }
})

test('a rank that does not come is late, and the others are apart from then on', async () => {
  const comms = groupOf(3, 30)
  const two = comms.slice(0, 2)
  const found = await failures(two, (comm) => comm.allReduce(1))
  // One finds out, and the other one is told, or finds out for itself.
  expect(found.map(([, sentence]) => sentence)).toContain('allReduce: rank 2 did not come within 0.03 s')
  expect(found.every(([kind]) => kind === 'late' || kind === 'lost')).toBe(true)
  expect(() => comms[0]?.barrier()).toThrow(/^barrier: the ranks are apart since .*rank 2 did not come within 0.03 s$/)
})

test('a thread that waits does not wait for ever', () => {
  const [first] = groupOf(2, 20) as [Communicator]
  const pending = first.allReduce(1)
  expect(() => pending.wait()).toThrow('allReduce: rank 1 did not come within 0.02 s')
  expect(() => pending.wait()).toThrow('allReduce: rank 1 did not come within 0.02 s')
})

test('who waits for a rank that has closed its communicator is told', async () => {
  const [first, second] = groupOf(2) as [Communicator, Communicator]
  second.close()
  await expect(first.allReduce(1).promise()).rejects.toThrow(
    'rank 1 has closed its communicator, and rank 0 waits for it'
  )
  expect(() => second.barrier()).toThrow('barrier: the communicator was closed')
  second.close()
})

test('who closes with results under way says so to the others', async () => {
  const [first, second] = groupOf(2) as [Communicator, Communicator]
  second.allReduce(1)
  second.allReduce(1)
  second.close()
  await expect(first.allReduce(1).promise()).rejects.toThrow('rank 1 has failed: close: results are still under way')
})

describe('refuses', () => {
  test.each<[string, () => unknown, string]>([
    ['zero ranks', () => localGroup(0), 'localGroup: size must be a whole number from 1 to 256, got 0'],
    ['a half rank', () => localGroup(1.5), 'localGroup: size must be a whole number from 1 to 256, got 1.5'],
    ['no time', () => localGroup(2, { timeout: 0 }), 'localGroup: timeout must be a number of milliseconds > 0, got 0'],
    ['no seat', () => joinLocal({} as never), 'joinLocal: seat must be one that localGroup made, got an object'],
    [
      'a seat that is taken',
      () => {
        const [, seat] = localGroup(2) as [LocalSeat, LocalSeat]
        joinLocal(seat)
        return joinLocal(structuredClone(seat))
      },
      'joinLocal: seat must be free, got that of rank 1, which is taken'
    ],
    [
      'an op',
      () => solo().allReduce(1, { op: 'product' as never }),
      'allReduce: op must be one of "sum", "mean", "max", "min", got "product"'
    ],
    [
      'an option',
      () => solo().allReduce(1, { mean: true } as never),
      'allReduce: there is no option mean; there are op, into'
    ],
    ['a root', () => solo().broadcast(1, 1), 'broadcast: root must be a rank, from 0 to 0, got 1'],
    ['a partner', () => solo().exchange(1, { to: 0, from: -1 }), 'exchange: from must be a rank, from 0 to 0, got -1'],
    [
      'nobody to exchange with',
      () => solo().exchange(1, { to: 0 } as never),
      'exchange: from must be a rank, from 0 to 0, got undefined'
    ],
    [
      'parts',
      () => solo().reduceScatter([1, 2]),
      'reduceScatter: parts must be a list of 1 trees, one for each rank, got 2'
    ],
    [
      'means of integers',
      () => solo().allReduce(Int8Array.of(1), { op: 'mean' }),
      'allReduce: the tree has an array of int8, and integers have no mean; take their sum'
    ],
    ['a function', () => solo().allReduce({ w: [() => 1] }), 'allReduce: tree.w[0] is a function; a leaf must be'],
    ['undefined', () => solo().allGather(undefined), 'allGather: tree is undefined; a leaf must be'],
    ['a date', () => solo().broadcast({ d: new Date(0) }), 'broadcast: tree.d is a Date; a leaf must be'],
    ['a key', () => solo().allReduce(JSON.parse('{ "__proto__": 1 }')), 'tree has a key __proto__, which is refused'],
    [
      'what does not fit its shape',
      () => solo().allReduce({ w: { dtype: 'float32', shape: [3], data: new Float32Array(2) } }),
      'allReduce: tree.w is an NdArray'
    ],
    [
      'what is given as the result',
      () => {
        const w = Float32Array.of(1)
        return solo().allReduce({ w }, { into: { w } })
      },
      'allReduce: into must have memory of its own, got some of what is to be reduced'
    ],
    [
      'another form for the result',
      () => solo().allReduce({ w: 1 }, { into: { w: Float32Array.of(1) } as never }),
      'allReduce: into must have the form of the result, got a bare float32 array of length 1 at tree.w, not a number'
    ]
  ])('%s', (_what, call, sentence) => {
    expect(call).toThrow(sentence)
  })

  test('what is not evaluated yet', async () => {
    const { add } = await import('@gradchain/core')
    expect(() => solo().allReduce({ w: add(Float32Array.of(1), 1) })).toThrow(
      'allReduce: tree.w is not evaluated yet; see `force`'
    )
  })

  test('a tree that holds itself', () => {
    const round: { self?: unknown } = {}
    round.self = round
    expect(() => solo().allReduce(round)).toThrow('tree contains itself')
  })

  test('a tree that is very deep', () => {
    let deep: unknown = 1
    for (let i = 0; i < 1100; i++) deep = [deep]
    expect(() => solo().allReduce(deep)).toThrow('allReduce: tree is nested more than 1000 deep')
  })
})
