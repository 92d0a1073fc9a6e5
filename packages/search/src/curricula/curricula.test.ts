import { random, step } from '@gradchain/core'
import { sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { curriculum } from './curriculum.js'
import { progressiveOptimizer } from './progressiveOptimizer.js'

describe('curriculum', () => {
  const lessons = curriculum({ levels: 4, masteredAt: 0.1, patience: 2, decay: 0.5 })

  test('the next level opens when the average is low enough, and there were enough losses', () => {
    let state = lessons.init()
    const levels: number[] = []
    for (const loss of [0.05, 0.5, 0.01, 0.01, 0.01]) {
      state = lessons.tell(state, 0, loss)
      levels.push(state.level)
    }
    // The averages without bias: 0.05, 0.35, 0.154…, 0.077…
    expect(levels.join()).toBe('0,0,0,1,1')
    expect(lessons.difficulty(state)).toBeCloseTo(1 / 3, 12)
  })

  test('weights are shares that go to open levels alone, more to those that are worse; the level never falls', () => {
    const told = fc.array(fc.tuple(fc.nat(3), fc.double({ min: -1, max: 1 })), { maxLength: 40 })
    fc.assert(
      fc.property(told, fc.integer(), (losses, seed) => {
        let state = lessons.init()
        for (const [level, loss] of losses) {
          const before = state.level
          state = lessons.tell(state, Math.min(level, before), loss)
          expect(state.level).toBeGreaterThanOrEqual(before)
        }
        const weights = lessons.weights(state)
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
        expect(weights.every((w, i) => (i > state.level ? w === 0 : w >= 0))).toBe(true)
        expect(weights[lessons.sample(state, random.key(seed))]).toBeGreaterThan(0)
        expect(JSON.stringify(JSON.parse(JSON.stringify(state)))).toBe(JSON.stringify(state))
      })
    )
  })

  test('what was forgotten comes back', () => {
    let state = lessons.init()
    for (const loss of [0, 0]) state = lessons.tell(state, 0, loss)
    for (let i = 0; i < 6; i++) state = lessons.tell(state, 1, 0.2)
    const before = lessons.weights(state)[0] ?? 0
    for (let i = 0; i < 6; i++) state = lessons.tell(state, 0, 5)
    expect(lessons.weights(state)[0]).toBeGreaterThan(4 * before)
  })

  test('losses and the mark scaled alike change nothing', () => {
    const scaled = curriculum({ levels: 4, masteredAt: 0.4, patience: 2, decay: 0.5 })
    let [one, other] = [lessons.init(), scaled.init()]
    for (const [level, loss] of [
      [0, 0.03],
      [0, 0.03],
      [1, 0.3],
      [0, 0.25]
    ] as const) {
      one = lessons.tell(one, level, loss)
      other = scaled.tell(other, level, 4 * loss)
    }
    expect(lessons.weights(one).join()).toBe(scaled.weights(other).join())
  })

  test.each([NaN, Infinity, -Infinity])('a loss of %s changes nothing', (loss) => {
    const state = lessons.tell(lessons.init(), 0, 0.3)
    expect(JSON.stringify(lessons.tell(state, 0, loss))).toBe(JSON.stringify(state))
  })

  test('levels are drawn by their weights', () => {
    let state = lessons.init()
    for (const loss of [0, 0]) state = lessons.tell(state, 0, loss)
    const share = Array.from({ length: 500 }, (_, i) => lessons.sample(state, random.key(i))).filter(
      (level) => level === 1
    )
    expect(share.length / 500).toBeCloseTo(lessons.weights(state)[1] as number, 1)
  })

  test('all mastered is all alike, and one level is as hard as it gets', () => {
    let state = lessons.init()
    for (const level of [0, 1, 2, 3]) for (const loss of [0, 0]) state = lessons.tell(state, level, loss)
    expect(lessons.weights(state).join()).toBe('0.25,0.25,0.25,0.25')
    expect(lessons.difficulty(state)).toBe(1)
    const single = curriculum({ levels: 1, masteredAt: 0 })
    expect(single.difficulty(single.init())).toBe(1)
  })

  test.each([
    [() => curriculum({ levels: 0, masteredAt: 0 }), 'levels must be a whole number ≥ 1, got 0'],
    [() => curriculum({ levels: 2 } as never), 'masteredAt must be a finite number, got undefined'],
    [() => curriculum({ levels: 2, masteredAt: 0, decay: 1 }), 'decay must be in [0, 1), got 1'],
    [() => curriculum({ levels: 2, masteredAt: 0, floor: 2 }), 'floor must be in [0, 1], got 2'],
    [() => lessons.tell(lessons.init(), 1, 0), 'level must be open, one from 0 to 0, got 1'],
    [() => lessons.tell(lessons.init(), 0, '0' as never), 'loss must be a number, got "0"']
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(`curriculum: ${message}`)
  })
})

describe('progressiveOptimizer', () => {
  const stagesOf = (values: readonly number[], options = {}) => {
    const tx = progressiveOptimizer([sgd(1), sgd(10), sgd(100)], { patience: 2, ...options })
    let state = tx.init({ w: 0 })
    return values.map((value) => {
      const [u, next] = tx.update({ w: 1 }, state, { w: 0 }, { value })
      state = next
      expect(u.w).toBe(-(10 ** state.stage))
      return state.stage
    })
  }

  test.each([
    [
      [5, 4, 3, 2, 1],
      [0, 0, 0, 0, 0]
    ],
    [
      [5, 5, 5, 5, 5, 5],
      [0, 0, 1, 1, 2, 2]
    ],
    [
      [5, 5, 4, 4, 4],
      [0, 0, 0, 0, 1]
    ],
    [
      [5, 9, 9, 8, 9, 9],
      [0, 0, 1, 1, 1, 2]
    ],
    [
      [NaN, NaN, 3, 2, NaN, NaN],
      [0, 1, 1, 1, 1, 2]
    ],
    [
      [-1, -1, -1],
      [0, 0, 1]
    ],
    [
      [1, 0.9995, 0.999],
      [0, 0, 1]
    ]
  ])('at the values %j the stages are %j', (values, stages) => {
    expect(stagesOf(values).join()).toBe(stages.join())
  })

  test('a smaller margin counts less as better', () => {
    expect(stagesOf([1, 0.9995, 0.999], { rtol: 0 }).join()).toBe('0,0,0')
  })

  test('one stage is that transformation, and each begins afresh', () => {
    const [one, same] = [
      progressiveOptimizer([sgd(0.1, { momentum: 0.9 })], { patience: 1 }),
      sgd(0.1, { momentum: 0.9 })
    ]
    let [a, b] = [{ w: 1 }, { w: 1 }]
    let [s, t] = [one.init(a), same.init(b)]
    for (let i = 0; i < 5; i++) {
      ;[a, s] = step(one, { w: 1 }, s, a, { value: 1 })
      ;[b, t] = step(same, { w: 1 }, t, b)
    }
    expect(a.w).toBe(b.w)
    const fresh = progressiveOptimizer([sgd(1), sgd(1, { momentum: 0.5 })], { patience: 1 })
    let state = fresh.init({ w: 0 })
    const moves = [1, 1, 1].map((value) => {
      const [u, next] = fresh.update({ w: 1 }, state, { w: 0 }, { value })
      state = next
      return u.w
    })
    expect(moves.join()).toBe('-1,-1,-1.5')
  })

  test.each([
    [() => progressiveOptimizer([]), 'stages must be a list of at least one, got []'],
    [() => progressiveOptimizer([sgd(1)], { patience: 0 }), 'patience must be a whole number ≥ 1, got 0'],
    [() => progressiveOptimizer([sgd(1)], { rtol: -1 }), 'rtol must be in [0, 1], got -1'],
    [
      () => {
        const tx = progressiveOptimizer([sgd(1)])
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 }, {} as never)
      },
      'value must be a number, got undefined'
    ]
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(`progressiveOptimizer: ${message}`)
  })
})
