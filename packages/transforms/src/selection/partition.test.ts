import { chain, identity, type Leaf } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, momentum, normalise, run, timesValue } from '../internal/testing/parts.js'
import {
  aDyadic,
  aTrajectory,
  leavesOf,
  marksFor,
  marksOf,
  reversed,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { freeze } from './freeze.js'
import { partition } from './partition.js'

const parts = { twice: chain(momentum(), momentum()), once: momentum(), never: identity(), frozen: freeze(true) }

const aPartition = aTrajectory(aDyadic).chain((trajectory) =>
  fc.record({
    trajectory: fc.constant(trajectory),
    labels: marksFor(trajectory.params, fc.constantFrom(...(['twice', 'once', 'never', 'frozen'] as const)))
  })
)

describe('partition', () => {
  test('does on the leaves of a label what its transformation does alone on them', () => {
    fc.assert(
      fc.property(aPartition, ({ trajectory, labels }) => {
        const marks = marksOf(labels.full)
        const { updates } = run(partition(parts, labels.full), trajectory)
        leavesOf(trajectory.params).forEach((p, i) => {
          const grads = trajectory.grads.map((g) => leavesOf(g)[i] as Leaf)
          const alone = run(parts[marks[i] as keyof typeof parts], { params: p, grads })
          expect(textOf(updates.map((u) => leavesOf(u)[i]))).toBe(textOf(alone.updates))
        })
      })
    )
  })

  test('a prefix means the labels it expands to, and so does the function that returns it', () => {
    fc.assert(
      fc.property(aPartition, ({ trajectory, labels: { full, prefix } }) => {
        const text = textOf(run(partition(parts, full), trajectory).updates)
        expect(textOf(run(partition(parts, prefix), trajectory).updates)).toBe(text)
        expect(
          textOf(
            run(
              partition(parts, () => prefix),
              trajectory
            ).updates
          )
        ).toBe(text)
      })
    )
  })

  test('the order of the transformations does not matter', () => {
    fc.assert(
      fc.property(aPartition, ({ trajectory, labels: { full } }) => {
        const { twice, once, never, frozen } = parts
        const other = run(partition({ frozen, never, once, twice }, full), trajectory).updates
        expect(textOf(other)).toBe(textOf(run(partition(parts, full), trajectory).updates))
      })
    )
  })

  test('one label for all is its transformation', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = textOf(run(momentum(), trajectory).updates)
        expect(textOf(run(partition(parts, 'once'), trajectory).updates)).toBe(text)
        expect(
          textOf(
            run(
              partition(parts, () => 'once'),
              trajectory
            ).updates
          )
        ).toBe(text)
      })
    )
  })

  test('counts a norm by label', () => {
    const tx = partition({ a: normalise(), b: normalise() }, { x: 'a', y: 'b', z: 'a' })
    const params = { x: 0, y: 0, z: 0 }
    expect(tx.update({ x: 2, y: 0.5, z: 4 }, tx.init(params), params)[0]).toStrictEqual({ x: 0.1, y: 2, z: 0.2 })
  })

  test('shows each transformation null in place of the leaves of the others, and one that is not used nothing', () => {
    const [one, other, unused] = [bareMomentum(), bareMomentum(), bareMomentum()]
    const params = { dense: { kernel: 1, bias: 2 }, head: new Float32Array([3]) }
    const tx = partition({ one, other, unused }, { dense: { kernel: 'one', bias: 'other' }, head: 'one' })
    const state = tx.init(params)
    tx.update({ dense: { kernel: 10, bias: 20 }, head: new Float32Array([30]) }, state, params)
    expect(textOf(one.calls[0])).toBe(
      '{ updates: { dense: { kernel: 10, bias: null }, head: Float32Array(30) }, params: { dense: { kernel: 1, bias: null }, head: Float32Array(3) } }'
    )
    expect(textOf(other.calls[0]?.updates)).toBe('{ dense: { kernel: null, bias: 20 }, head: null }')
    expect(textOf(unused.calls[0]?.updates)).toBe('{ dense: { kernel: null, bias: null }, head: null }')
    expect(Object.keys(state.innerStates)).toEqual(['one', 'other', 'unused'])
    expect(textOf(state.innerStates.other.velocity)).toBe('{ dense: { kernel: null, bias: 0 }, head: null }')
  })

  test('a function is given the params, as arrays', () => {
    const seen: unknown[] = []
    const tx = partition(parts, (params) => {
      seen.push(structuredClone(params))
      return 'once'
    })
    const params = { w: new Float32Array([1, 2]), b: 3 }
    tx.update({ w: new Float32Array([5, 6]), b: 7 }, tx.init(params), params)
    expect(seen.map(textOf)).toStrictEqual(Array(2).fill('{ w: Float32Array(1 2), b: 3 }'))
  })

  test('matches keys by name when a transformation gives them back in another order', () => {
    const { init, update } = bareMomentum()
    const shuffled = {
      init,
      update: (updates: Values, state: ReturnType<typeof init>, params: Values) => {
        const [u, next] = update(updates, state, params)
        return [reversed(u), next] as const
      }
    }
    const tx = partition({ shuffled, same: identity() }, { c: 'shuffled', b: 'same', a: 'shuffled' })
    const params = { a: 0, b: 0, c: 0 }
    const [u] = tx.update({ a: 1, b: 2, c: 3 }, tx.init(params), params)
    expect(textOf(u)).toBe('{ a: 1, b: 2, c: 3 }')
  })

  test('hands on to each part what the update is given beyond the params', () => {
    const tx = partition({ timesValue: timesValue(), other: momentum() }, { a: 'timesValue', b: 'other' })
    const params = { a: 0, b: 0 }
    expect(tx.update({ a: 1, b: 1 }, tx.init(params), params, { value: 3 })[0]).toStrictEqual({ a: 3, b: 1 })
  })

  const two = { adam: momentum(), sgd: identity() }
  test.each([
    [
      { dense: { kernel: 'adam', bias: 'sgdm' } },
      'partition: labels.dense.bias must be one of "adam", "sgd", got "sgdm"'
    ],
    ['toString', 'partition: labels must be one of "adam", "sgd", got "toString"']
  ])('refuses the labels %j at once', (labels, message) => {
    expect(() => partition(two, labels)).toThrow(message)
  })

  test('refuses what is no label', () => {
    // @ts-expect-error -- a label is a string
    expect(() => partition(two, [true])).toThrow('partition: labels[0] must be one of "adam", "sgd", got true')
  })

  test('refuses a label that a function returns, with its path', () => {
    const tx = partition(two, () => ({ w: ['adam', 'b'] }))
    const message = 'partition: labels.w[1] must be one of "adam", "sgd", got "b"'
    expect(() => tx.init({ w: [1, 2] })).toThrow(message)
    expect(() => tx.update({ w: [1, 2] }, partition(two, 'adam').init({ w: [1, 2] }), { w: [1, 2] })).toThrow(message)
  })

  test.each([
    [{ w: 'adam' }, 'partition: params has "b", labels has not'],
    [{ w: 'adam', b: 'sgd', c: 'sgd' }, 'partition: params has no "c", labels has it'],
    [{ w: { kernel: 'adam' }, b: 'sgd' }, 'partition: params.w is 1, labels has an object']
  ])('refuses the labels %j, which do not fit the params', (labels, message) => {
    expect(() => partition(two, labels).init({ w: 1, b: 2 })).toThrow(message)
  })

  test.each([[undefined], [null], [[identity()]], [3]])('refuses the transformations %j', (transforms) => {
    expect(() => partition(transforms as never, 'a')).toThrow('partition: transforms must be an object, got')
  })

  test('refuses what is no transformation, also among others', () => {
    // @ts-expect-error -- a part must be a transformation
    expect(() => partition({ a: momentum(), b: 3 }, 'a')).toThrow(
      'partition: a transformation must be a pair { init, update } of functions, got 3'
    )
  })
})

wrapperLaws('partition', (inner) => partition({ a: inner, b: momentum() }, 'a'))
wrapperLaws('partition', (inner) => partition({ a: inner, b: momentum() }, 'b'))
