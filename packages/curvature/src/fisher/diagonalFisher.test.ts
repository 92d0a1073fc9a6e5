import { ndarray } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { type DiagonalFisherOptions, diagonalFisher } from './diagonalFisher.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(3), c: 0 }
const gradsAt = (t: number) => ({ w: ndarray(numbers(t, 4), [2, 2]), b: numbers(t + 9, 3), c: Math.sin(t) })
const examplesAt = (t: number) => ({
  w: ndarray(numbers(t, 20), [5, 2, 2]),
  b: ndarray(numbers(t, 15), [5, 3]),
  c: numbers(t, 5)
})

test.each<DiagonalFisherOptions>([{}, { decay: 0 }, { power: 0.5, damping: 0 }, { power: 0.75, damping: 0.1 }])(
  'does what its definition says: %j',
  (options) => {
    const { decay = 0.95, damping = 1e-3, power = 1 } = options
    const tx = diagonalFisher(options)
    let state = tx.init(params)
    let f = new Float64Array(8).map(() => 0)
    for (let t = 1; t <= 4; t++) {
      const [grads, each] = [gradsAt(t), examplesAt(t)]
      const [u, next] = tx.update(grads, state, params, { perExampleGradients: each })
      state = next
      const squares = [
        [each.w.data, 4],
        [each.b.data, 3],
        [each.c, 1]
      ].flatMap(([data, n]) =>
        Array.from({ length: n as number }, (_, i) => {
          let total = 0
          for (let k = 0; k < 5; k++) total += ((data as Float64Array)[k * (n as number) + i] as number) ** 2
          return total / 5
        })
      )
      f = f.map((x, i) => decay * x + (1 - decay) * (squares[i] as number))
      const g = [...grads.w.data, ...grads.b, grads.c]
      const wanted = g.map((x, i) => x / ((f[i] as number) / (1 - decay ** t) + damping) ** power)
      expect(distance([...u.w.data, ...u.b, u.c], wanted)).toBeLessThan(1e-10)
    }
  }
)

test('of one example, with half the power and nothing kept, it is the sign', () => {
  const tx = diagonalFisher({ decay: 0, power: 0.5, damping: 0 })
  const w = { w: numbers(1, 6) }
  const [u] = tx.update(w, tx.init(w), w, { perExampleGradients: { w: ndarray(w.w.slice(), [1, 6]) } })
  expect(distance(u.w, w.w.map(Math.sign))).toBeLessThan(1e-15)
})

const one = { w: new Float64Array(2) }
test.each([
  [() => diagonalFisher({ decay: 1 }), 'diagonalFisher: decay must be in [0, 1), got 1'],
  [() => diagonalFisher({ damping: -1 }), 'diagonalFisher: damping must be a finite number ≥ 0, got -1'],
  [() => diagonalFisher({ power: 0 }), 'diagonalFisher: power must be a finite number > 0, got 0'],
  [
    () => diagonalFisher().update(one, diagonalFisher().init(one), one, {} as never),
    'diagonalFisher: perExampleGradients must be a tree like the params, got undefined'
  ],
  [
    () =>
      diagonalFisher().update(one, diagonalFisher().init(one), one, {
        perExampleGradients: { w: ndarray(new Float64Array(3), [1, 3]) }
      }),
    'diagonalFisher: perExampleGradients.w must have shape [1, 2], has [1, 3]'
  ],
  [
    () =>
      diagonalFisher().update(one, diagonalFisher().init(one), one, {
        perExampleGradients: { w: ndarray(new Float64Array(0), [0, 2]) }
      }),
    'diagonalFisher: perExampleGradients.w must have shape [examples, 2], has [0, 2]'
  ]
])('refuses %s', (call, message) => {
  expect(call).toThrow(message)
})
