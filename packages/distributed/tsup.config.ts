import base from '../../tsup.base.js'

// A thread of `local` runs `rank`, which stands beside `node` as a file of its own.
export default {
  ...base,
  entry: { index: 'src/index.ts', node: 'src/node/index.ts', rank: 'src/node/internal/rank.ts' }
}
