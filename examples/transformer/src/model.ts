import { nn, numpy as np, random, tree } from '@jax-js/jax'
import { CONTEXT, LENGTH, TOKENS } from './task.js'

const WIDTH = 32
const HEADS = 4
const BLOCKS = 2

/** A layer `x ↦ x · w + b`. */
type Dense = { w: np.Array; b: np.Array }

/** Attention and two layers after it, each on what is standardized, and added to what came in. */
type Block = { query: Dense; key: Dense; value: Dense; joined: Dense; up: Dense; down: Dense }

/** All that is learned. */
export type Params = { tokens: np.Array; places: np.Array; blocks: Block[]; head: Dense }

const normal = (key: np.Array, shape: number[], deviation: number): np.Array => random.normal(key, shape).mul(deviation)

const dense = (key: np.Array, inputs: number, outputs: number, deviation = 1 / Math.sqrt(inputs)): Dense => ({
  w: normal(key, [inputs, outputs], deviation),
  b: np.zeros([outputs])
})

/** First params. What is added to the stream begins small, so that blocks begin almost as the identity. */
export const initialParams = (seed: number): Params => {
  let drawn = 0
  const next = () => random.key(1000 * seed + drawn++)
  const small = 0.02
  return {
    tokens: normal(next(), [TOKENS, WIDTH], 1),
    places: normal(next(), [CONTEXT, WIDTH], 1),
    blocks: Array.from({ length: BLOCKS }, () => ({
      query: dense(next(), WIDTH, WIDTH),
      key: dense(next(), WIDTH, WIDTH),
      value: dense(next(), WIDTH, WIDTH),
      joined: dense(next(), WIDTH, WIDTH, small),
      up: dense(next(), WIDTH, 4 * WIDTH),
      down: dense(next(), 4 * WIDTH, WIDTH, small)
    })),
    head: dense(next(), WIDTH, TOKENS, small)
  }
}

const applied = (x: np.Array, { w, b }: Dense): np.Array => np.dot(x, w).add(b)

/** `[n, CONTEXT, WIDTH]` as `[n, HEADS, CONTEXT, …]`. */
const inHeads = (x: np.Array, layer: Dense): np.Array => {
  const [count = 0] = x.shape
  return applied(x, layer)
    .reshape([count, CONTEXT, HEADS, WIDTH / HEADS])
    .transpose([0, 2, 1, 3])
}

const attended = (x: np.Array, { query, key, value, joined }: Block): np.Array => {
  const [count = 0] = x.shape
  const products = np.matmul(inHeads(x.ref, query), inHeads(x.ref, key).transpose([0, 1, 3, 2]))
  const isSeen = np.tri(CONTEXT, CONTEXT, 0, { dtype: np.bool })
  const shares = nn.softmax(np.where(isSeen, products.mul(Math.sqrt(HEADS / WIDTH)), -1e9))
  const mixed = np.matmul(shares, inHeads(x, value)).transpose([0, 2, 1, 3])
  return applied(mixed.reshape([count, CONTEXT, WIDTH]), joined)
}

const transformed = (x: np.Array, block: Block): np.Array => {
  const heard = x.ref.add(attended(nn.standardize(x), block))
  return heard.ref.add(applied(nn.relu(applied(nn.standardize(heard), block.up)), block.down))
}

/**
 * Scores of each token to be the next, at each place of what is shown: `[n, CONTEXT, TOKENS]`. A place sees those before it and itself.
 * Consumes its arguments, as all of jax-js does.
 */
export const scores = ({ tokens, places, blocks, head }: Params, shown: np.Array): np.Array => {
  const embedded = np.dot(nn.oneHot(shown, TOKENS), tokens).add(places)
  return applied(nn.standardize(blocks.reduce(transformed, embedded)), head)
}

/** The scores of the answer, which begins where `SORT` was seen: `[n, LENGTH, TOKENS]`. */
export const answerScores = (params: Params, shown: np.Array): np.Array =>
  scores(params, shown).slice([], [LENGTH, CONTEXT])

/** The cross-entropy of the answers, its mean over their digits. */
export const crossEntropy = (params: Params, shown: np.Array, answers: np.Array): np.Array => {
  const chosen = nn.oneHot(answers, TOKENS)
  return nn.logSoftmax(answerScores(params, shown)).mul(chosen).sum(-1).mean().neg()
}

/** How many numbers there are to learn. Consumes nothing. */
export const countOf = (params: Params): number => tree.leaves(params).reduce((sum, leaf) => sum + leaf.size, 0)
