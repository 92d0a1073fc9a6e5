import { expectTypeOf, test } from 'vitest'
import { chain } from '../transformation/chain.js'
import { namedChain } from '../transformation/namedChain.js'
import type { GradientTransformation, Tree } from '../transformation/types.js'
import * as tree from './index.js'

interface AState {
  readonly count: number
  readonly mu: Tree
  readonly mode: 'on' | 'off'
}
interface BState {
  readonly inner: { readonly flags: readonly boolean[]; readonly mode?: string }
}
declare const a: GradientTransformation<AState>
declare const b: GradientTransformation<BState>

const state = chain(a, namedChain({ b, again: a })).init({ w: 1 })

test('a field has the type that the state gives it, wherever it is', () => {
  expectTypeOf(tree.get(state, 'count')).toEqualTypeOf<number>()
  expectTypeOf(tree.get(state, 'mu')).toEqualTypeOf<Tree>()
  expectTypeOf(tree.get(state, 'flags')).toEqualTypeOf<readonly boolean[]>()
  expectTypeOf(tree.get(state, 'b')).toEqualTypeOf<BState>()
  expectTypeOf(tree.get(state, 'mode')).toEqualTypeOf<'on' | 'off' | string | undefined>()
  expectTypeOf(tree.get(state, 'count', { default: null })).toEqualTypeOf<number | null>()
  expectTypeOf(tree.getAllWithPath(state, 'count')).toEqualTypeOf<readonly (readonly [path: string, value: number])[]>()
})

test('where the type of the state says nothing the field is unknown', () => {
  expectTypeOf(tree.get(state, 'nothing')).toEqualTypeOf<unknown>()
  expectTypeOf(tree.get({} as unknown, 'count')).toEqualTypeOf<unknown>()
  expectTypeOf(tree.get({} as Tree, 'count')).toEqualTypeOf<unknown>()
})

test('set gives the type of the state, and takes what fits its fields', () => {
  expectTypeOf(tree.set(state, { count: 3 })).toEqualTypeOf<typeof state>()
  expectTypeOf(tree.set(state, { mode: 'off', flags: [true] })).toEqualTypeOf<typeof state>()
  // @ts-expect-error -- a count is a number
  tree.set(state, { count: 'three' })
  // @ts-expect-error -- flags are booleans
  tree.set(state, { count: 1, flags: [1] })
})
