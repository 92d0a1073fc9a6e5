import { abs, add, chain, InvalidOption, mul, type Operand, stateless, sub, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { run } from '../internal/testing/parts.js'
import { aDyadic, aTrajectory, textOf } from '../internal/testing/trees.js'
import { statelessWithTreeMap } from './statelessWithTreeMap.js'

const pull = (g: Operand, p: Operand) => sub(g, mul(0.5, p))
const fold = (g: Operand, p: Operand) => add(abs(g), p)
const text = (tx: Parameters<typeof run>[0], trajectory: Parameters<typeof run>[1]) =>
  textOf(run(tx, trajectory).updates)

describe('statelessWithTreeMap', () => {
  test('is stateless of the map of the function', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const whole = stateless((updates: Tree, params: Tree) => tree.map(pull, updates, params))
        expect(text(statelessWithTreeMap(pull), trajectory)).toBe(text(whole, trajectory))
      })
    )
  })

  test('one after the other is the composition of their functions', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic), (trajectory) => {
        const composed = statelessWithTreeMap((g, p) => fold(pull(g, p), p))
        const chained = chain(statelessWithTreeMap(pull), statelessWithTreeMap(fold))
        expect(text(chained, trajectory)).toBe(text(composed, trajectory))
      })
    )
  })

  test('has an empty state and shows each leaf with its param', () => {
    const seen: unknown[] = []
    const tx = statelessWithTreeMap((g, p) => {
      seen.push([g, p])
      return g
    })
    expect(tx.init({ a: 1, b: [2] })).toStrictEqual({})
    tx.update({ b: [20], a: 10 }, {}, { a: 1, b: [2] })
    expect(seen).toStrictEqual([
      [10, 1],
      [20, 2]
    ])
  })

  test('refuses what is no function', () => {
    // @ts-expect-error -- f is a function
    const misuse = () => statelessWithTreeMap(3)
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow('statelessWithTreeMap: f must be a function, got 3')
  })
})
