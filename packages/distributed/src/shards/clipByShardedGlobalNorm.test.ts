import { type AnyGradientTransformation, chain, InvalidOption, step } from '@gradchain/core'
import { adamw } from '@gradchain/optimizers'
import { clipByGlobalNorm } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { clipByShardedGlobalNorm } from './clipByShardedGlobalNorm.js'
import { shardedState } from './shardedState.js'

const wave = (t: number, n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 7919 + t * 104_729) % 601) / 300 - 1))
const treeAt = (t: number) => ({ z: wave(t, 20), a: wave(t + 1, 7), n: { b: wave(t + 2, 9), c: (t % 3) + 0.3 } })

const course = (tx: AnyGradientTransformation): unknown => {
  let [params, state] = [treeAt(0), tx.init(treeAt(0))]
  for (let t = 1; t < 5; t++) {
    const next = step(tx, treeAt(t), state, params, {} as never)
    ;[params, state] = [next[0] as typeof params, next[1]]
  }
  return params
}

test.each([0.5, 2.5, 1e3])('within shards to the bit what clipByGlobalNorm(%f) does without', async (maxNorm) => {
  const whole = course(chain(clipByGlobalNorm(maxNorm), adamw(0.1)))
  for (const size of [1, 2, 3, 5]) {
    const found = await allRanks(size, (comm) =>
      course(shardedState(chain(clipByShardedGlobalNorm(comm, maxNorm), adamw(0.1)), comm))
    )
    for (const own of found) expect(own).toStrictEqual(whole)
  }
})

test('refuses what is no communicator, and no length', () => {
  expect(() => clipByShardedGlobalNorm({} as never, 1)).toThrow(InvalidOption)
  expect(() => clipByShardedGlobalNorm(solo(), 0)).toThrow(
    'clipByShardedGlobalNorm: maxNorm must be a finite number > 0, got 0'
  )
})
