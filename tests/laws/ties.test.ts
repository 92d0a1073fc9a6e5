// The laws of wrappers for params that have ties, which the trees of the catalogue have not.
import { arbitrary, checkLaws, families } from '@gradchain/laws'
import { tieWeights } from 'gradchain'
import { test } from 'vitest'

const tied = arbitrary.params().map((rest) => ({
  ...{ w: new Float32Array(3), rest, deep: [{ w: new Float32Array(3), b: 0, v: 0 }] }
}))

test('the laws of wrappers hold where there are ties', () => {
  checkLaws(
    families.wrapper,
    (inner) =>
      tieWeights(inner, [
        ['.deep[0].w', '.w'],
        ['.deep[0].b', '.deep[0].v']
      ]),
    { params: tied, runs: 12, without: { absentParamsRest: 'a place of a tie moves with the others' } }
  )
})
