import { chain, ndarray, mul, div, add, norm, transformation, type Expr, sumSquares , withEngine, reference} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { test } from 'vitest'
import { quantize8 } from '@gradchain/distributed'
import { trace } from '@gradchain/transforms'
const shrink = () => transformation<{}>({ init: () => ({}), update: (u, s) => [tree.scale(div(1, add(1, tree.norm(u))), u), s] })
test('x', () => {
  for (const [name, tx] of Object.entries({ a: chain(trace(0.5), quantize8(), shrink()), b: chain(quantize8(), shrink()) }))
    for (const make of [(x: number) => new Float64Array([x]), (x: number) => new Float32Array([x]), (x: number) => ndarray(new Float64Array([x]), [])]) {
      let s = tx.init({ w: make(0) }) as never
      for (const x of [0, 0, -1, 1, 0, -2]) {
        const [u, n] = tx.update({ w: make(x) }, s, { w: make(x) })
        s = n as never
        console.log(name, x, JSON.stringify(u))
      }
    }
})
