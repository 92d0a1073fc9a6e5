// Real MPI, both implementations: what was calculated by hand, ranks that disagree, that are late, and that are lost.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, launch, launchers, programs, saidBy } from './launch.js'

let folder = ''
let clear = (): void => {}
beforeAll(async () => {
  const made = await programs()
  folder = made.folder
  clear = made.clear
})
afterAll(() => clear())

interface Run {
  readonly local: (size: number, module: URL, options?: object) => Promise<unknown[]>
}
const bundle = async (): Promise<Run> => (await import(join(folder, 'distributed.mjs'))) as Run

const known = new Map<number, Promise<readonly unknown[]>>()
/** What so many threads come to, once for both implementations. */
const inThreads = async (size: number): Promise<readonly unknown[]> => {
  const { local } = await bundle()
  const outcome = known.get(size) ?? local(size, new URL(`file://${join(folder, 'wrappers.mjs')}`))
  known.set(size, outcome)
  return outcome
}

if (launchers.length < 2) {
  const there = launchers.map(({ name }) => name).join('')
  console.log(
    `mpi: ${there === '' ? 'there is no mpirun' : `only ${there} is there`}; apt-get install mpich openmpi-bin brings both`
  )
}

test.skipIf(launchers.length > 0)('without MPI nothing of it is tested', () => {})

describe.each(launchers)('$name', (launcher) => {
  const run = (ranks: number, program: string, ...given: readonly string[]): Promise<Ended> =>
    launch(launcher, ranks, join(folder, program), ...given)
  const isNamed = launcher.name === 'MPICH' ? /^MPICH [34]\.\S+$/ : /^Open MPI [45]\.\S+$/

  test.each([2, 4])('%s ranks get from every operation what was calculated by hand', async (size) => {
    const ended = await run(size, 'collectives.mjs')
    const said = saidBy(ended)
    const each = {
      name: expect.stringMatching(isNamed),
      size,
      differences: [],
      again: 'mpi: a process can join once, and this one has'
    }
    expect(said).toStrictEqual(Array.from({ length: size }, () => each))
    expect(ended.code).toBe(0)
  })

  test('ranks that disagree are told so, with rank and path, and go on', async () => {
    const ended = await run(2, 'disagreement.mjs')
    const each = [
      'disagreement: allReduce: tree.l[0].w must be the same on all ranks, got a bare float32 array of length 4 on rank 0 and a bare float32 array of length 8 on rank 1',
      'disagreement: allReduce: tree.w must be the same on all ranks, got a bare float32 array of length 2 on rank 0 and a bare int32 array of length 2 on rank 1',
      'disagreement: allReduce: all ranks must call the same, got allReduce (sum) on rank 0 and broadcast from rank 0 on rank 1',
      'disagreement: allReduce: tree.a must be the same on all ranks, got a number on rank 0 and nothing on rank 1',
      2
    ]
    expect(saidBy(ended)).toStrictEqual([each, each])
    expect(ended.code).toBe(0)
  })

  test.each([2, 4])('%s ranks come to what as many threads do, whatever they do together', async (size) => {
    const wanted = await inThreads(size)
    const ended = await run(size, 'wrappersRank.mjs')
    expect(saidBy(ended)).toStrictEqual(wanted)
    expect(wanted.map((said) => (said as { readonly powerSgdIsEqual: number }).powerSgdIsEqual)).toStrictEqual(
      wanted.map(() => 1)
    )
    expect(ended.code).toBe(0)
  })

  test('the example learns, and goes on from a checkpoint with another number of ranks', async () => {
    const file = join(folder, `${launcher.name}.safetensors`)
    const example = (ranks: number, options: object): Promise<Ended> =>
      run(ranks, 'mpi/dist/rank.mjs', JSON.stringify({ batch: 32, hidden: 16, ...options }))
    const first = await example(2, { epochs: 1, save: file })
    const second = await example(3, { epochs: 2, resume: file })
    for (const [ranks, { output, errors }] of [
      [2, first],
      [3, second]
    ] as const) {
      expect(errors).toBe('')
      const hashes = [...output.matchAll(/params (\w+)/g)].map(([, hash]) => hash)
      expect(hashes).toStrictEqual(Array.from({ length: ranks }, () => hashes[0]))
    }
    expect(second.output).toMatch(/^epoch 2: /)
    expect(Number(/held-out accuracy (\S+)/.exec(second.output)?.[1])).toBeGreaterThan(0.7)
  })

  test('what is longer than one call may be goes in pieces', async () => {
    expect(saidBy(await run(3, 'pieces.mjs'))).toStrictEqual([[], [], []])
  })

  test.each(['wait', 'promise'])('a rank that is late is an error of who calls %s, and all end', async (way) => {
    const ended = await run(2, 'late.mjs', way)
    expect(saidBy(ended)).toStrictEqual(['late: allReduce: another rank did not come within 0.5 s'])
    expect(ended.code).not.toBe(0)
    expect(ended.errors).toContain('gradchain: this rank ends before its time')
  })

  test.each(['throws', 'killed'])('when a rank %s, all end', async (way) => {
    const ended = await run(2, 'lost.mjs', way)
    expect(ended.code).not.toBe(0)
    if (way === 'throws') expect(ended.errors).toContain('Error: rank 1 has had enough')
  })
})

describe('threads', () => {
  const module = (): URL => new URL(`file://${join(folder, 'thread.mjs')}`)

  test('each gives its result, in the order of ranks', async () => {
    const { local } = await bundle()
    const data = { list: [1] }
    const sum = { w: Float32Array.of(6) }
    expect(await local(3, module(), { data })).toStrictEqual([0, 1, 2].map((rank) => ({ rank, sum, data })))
  })

  test('the example learns in threads, too', async () => {
    const { local } = await bundle()
    const file = new URL(`file://${join(folder, 'mpi/dist/thread.mjs')}`)
    const outcomes = await local(3, file, { data: { epochs: 2, batch: 32, hidden: 16 } })
    for (const outcome of outcomes) {
      const { accuracy, hashes } = outcome as { readonly accuracy: number; readonly hashes: readonly string[] }
      expect(new Set(hashes).size).toBe(1)
      expect(hashes).toHaveLength(3)
      expect(accuracy).toBeGreaterThan(0.7)
    }
  })

  test('ranks that wait for each other in the middle of an update come to what was calculated by hand', async () => {
    const { local } = await bundle()
    const alike = {
      // Two steps of a mean gradient of 2, twice; three.
      localSgd: -8,
      postLocalSgd: -6,
      // Momentum of 4: 0.7 (4 + 0.9 · 4).
      diloco: '-5.320000000',
      powerSgd: true,
      // u = 1, and then the mean of 1, 2 and 3, each in one size, beside √v = 2.
      onebitAdam: '2.000000'
    }
    // On a ring of three all have the mean before a step, and go apart in the step.
    const wanted = [0, 1, 2].map((rank) => ({ ...alike, gossip: (-6 - (rank + 1)).toFixed(9) }))
    expect(await local(3, new URL(`file://${join(folder, 'training.mjs')}`))).toStrictEqual(wanted)
  })

  test('what one throws is what the run throws, and nobody waits for it', async () => {
    const { local } = await bundle()
    await expect(local(3, module(), { data: { throws: 1 } })).rejects.toThrow('rank 1 has had enough')
  })

  test('one that does something else for ever is ended when another has failed', async () => {
    const { local } = await bundle()
    const data = { throws: 0, stays: 1 }
    await expect(local(2, module(), { data, timeout: 200 })).rejects.toThrow('rank 0 has had enough')
  })

  test('one that ends is named', async () => {
    const { local } = await bundle()
    await expect(local(3, module(), { data: { ends: 2 } })).rejects.toThrow(
      'local: rank 2 ended with exit code 3 and no result'
    )
  })
})
