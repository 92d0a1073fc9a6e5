import { expect, test } from 'vitest'
import { InvalidState } from '../../errors.js'
import { Arena } from '../resident/arena.js'
import { poolsOf } from './poolsOf.js'
import type { Spawn } from './spawn.js'

/** Workers of which a test says when each is ready, and when it ends. */
const workers = () => {
  const started: { readonly ready: () => void; readonly end: (why: string) => void }[] = []
  const ended: number[] = []
  const start: Spawn = (given, end) => {
    const { control, layout } = given as { control: SharedArrayBuffer; layout: { ready: number } }
    const number = started.push({ ready: () => Atomics.add(new Int32Array(control), layout.ready, 1), end }) - 1
    return { terminate: () => ended.push(number) }
  }
  return { started, ended, start }
}

const room = { params: 0, grads: 0, state: 0, scratch: 1000 }

test('the threads of several memories are ready, have died and are given back together', () => {
  const { started, ended, start } = workers()
  const pools = poolsOf(new Arena(room, true, 3, [room]), 2, { start })
  const [first, second, third, fourth] = started
  expect(started.length).toBe(4)
  for (const worker of [first, second, third]) worker?.ready()
  expect(pools.isReady).toBe(false)
  fourth?.ready()
  expect(pools.isReady).toBe(true)
  pools.check()
  fourth?.end('no more')
  expect(() => pools.check()).toThrow(
    new InvalidState(
      'step: a thread of this transient has died (no more): go on from a snapshot with another transient'
    )
  )
  pools.dispose()
  expect(ended).toStrictEqual([0, 1, 2, 3])
})

test('take memory for each', () => {
  const [one, two] = [[], [room]].map((further) => {
    const pools = poolsOf(new Arena(room, true, 2, further), 1, { start: workers().start })
    pools.dispose()
    return pools.bytes
  })
  expect(two).toBe(2 * (one as number))
  expect(one).toBeGreaterThan(0)
})
