import { createHash } from 'node:crypto'
import { loadFile, saveFile } from '@gradchain/checkpoint/node'
import {
  allReduceMean,
  broadcastParams,
  type Communicator,
  gatherState,
  shardedState,
  shardState
} from '@gradchain/distributed'
import { adamw, chain, clipByGlobalNorm, random, step, tree, valueAndGrad } from 'gradchain'
import type { Digit } from '../../digits/src/data.js'
import { initialParams, lossOf, type Params, pixelsOf, rightOf } from './model.js'
import type { RunOptions } from './options.js'

/** What became of a run, as rank 0 tells it. */
export interface Outcome {
  /** The share of the digits held out that are read right. */
  readonly accuracy: number
  /** What stands for the params of each rank. */
  readonly hashes: readonly string[]
}

const RATE = 0.005

/**
 * Trains a network together with the other ranks: of each batch a rank differentiates its share, and gets the mean of all ranks' gradients. The moments of AdamW are
 * shared out: each rank keeps those of its part of the params, and sends what becomes of these.
 *
 * @throws Error that says what is wrong with a file.
 */
export const train = async (
  comm: Communicator,
  options: RunOptions,
  digits: readonly Digit[],
  tell: (line: string) => void
): Promise<Outcome> => {
  const { epochs, batch, hidden, save, resume } = options
  // Every fifth digit is held out.
  const [learned, heldOut] = [digits.filter((_, i) => i % 5 !== 0), digits.filter((_, i) => i % 5 === 0)]
  const inner = adamw(RATE, { weightDecay: 0.01 })
  const optimizer = chain(allReduceMean(comm), clipByGlobalNorm(1), shardedState(inner, comm))
  const lossAndGrad = valueAndGrad(lossOf(hidden, batch / comm.size) as never) as unknown as (
    params: Params,
    ...rest: readonly unknown[]
  ) => readonly [number, Params]

  const first = initialParams(hidden)
  // A checkpoint has the whole state of AdamW, so that another number of ranks may go on from it.
  const fresh = { epoch: 0, params: first, state: inner.init(first) }
  // One rank reads the file: the others may be on other machines.
  const start = comm.rank === 0 && resume !== undefined ? await restored(resume, fresh) : fresh
  const common = broadcastParams(comm, start)
  let { epoch, params } = common
  const [mean, clipping] = optimizer.init(params)
  let state: ReturnType<typeof optimizer.init> = [mean, clipping, shardState(comm, inner, params, common.state)]

  const batches = Math.floor(learned.length / batch)
  const since = performance.now()
  for (; epoch < epochs; epoch++) {
    const order = shuffled(learned, random.foldIn(random.key(1), epoch))
    let sum = 0
    for (let i = 0; i < batches; i++) {
      const whole = order.slice(i * batch, (i + 1) * batch)
      const share = whole.slice((comm.rank * batch) / comm.size, ((comm.rank + 1) * batch) / comm.size)
      const [loss, grads] = lossAndGrad(
        params,
        pixelsOf(share),
        share.map(({ label }) => label)
      )
      sum += loss
      ;[params, state] = step(optimizer, grads, state, params)
    }
    // What all ranks take part in all of them must call, whoever needs the result.
    const loss = comm.allReduce(sum / batches, { op: 'mean' }).wait()
    const whole = save === undefined ? undefined : gatherState(comm, state[2])
    if (comm.rank === 0) {
      tell(`epoch ${epoch + 1}: loss ${loss.toFixed(4)}`)
      if (save !== undefined) await saveFile(save, { epoch: epoch + 1, params, state: whole })
    }
  }
  const seconds = (performance.now() - since) / 1000
  const hashes = comm.allGather(hashOf(params)).wait()
  const accuracy = rightOf(params, hidden, heldOut) / heldOut.length
  if (comm.rank === 0) {
    tell(`${comm.size} ${comm.size === 1 ? 'rank' : 'ranks'} over ${comm.name} took ${seconds.toFixed(2)} s`)
    for (const [rank, hash] of hashes.entries()) tell(`rank ${rank}: params ${hash}`)
    tell(`held-out accuracy ${accuracy.toFixed(4)}`)
  }
  return { accuracy, hashes }
}

const restored = async <T>(path: string, like: T): Promise<T> => {
  const loaded = await loadFile(path, like)
  if (loaded._tag === 'Left') throw loaded.left
  return loaded.right
}

/** What stands for params: equal when all their bits are. */
const hashOf = (params: Params): string => {
  const hash = createHash('sha256')
  for (const { data } of tree.leaves(params as never) as unknown as { readonly data: Float32Array }[]) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Some items in an order that a key decides. */
const shuffled = <T>(items: readonly T[], key: random.Key): readonly T[] => {
  const ranks = random.uniform(key, [items.length]).data
  return items
    .map((item, i) => [ranks[i] as number, item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
