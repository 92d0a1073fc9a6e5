import { show, type TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Refuse } from '../../internal/attempt.js'
import { MAX_DEPTH } from '../../internal/limits.js'
import type { Param } from '../../internal/paramParts.js'
import { setKey } from '../../internal/setKey.js'
import type { TensorTree } from '../../tensor.js'
import { fitted } from './fitted.js'
import { fieldsOf } from './values.js'

/** The state of a model as a tree: what stands under `body.weight` is `weight` in `body`. */
export const modelFrom = (refuse: Refuse, model: TensorTree): TensorTree => {
  const root: Record<string, TensorTree> = {}
  const inner = new Set<unknown>([root])
  for (const [name, value] of Object.entries(fieldsOf(refuse, 'the state of a model', model))) {
    const keys = name.split('.')
    if (keys.length > MAX_DEPTH) refuse('tooLarge', 'a name', `of at most ${MAX_DEPTH} parts`, `${keys.length}`)
    const last = keys.pop() as string
    let at = root
    for (const key of keys) {
      if (!Object.hasOwn(at, key)) {
        const made: Record<string, TensorTree> = {}
        inner.add(made)
        setKey(refuse, show(name), at, key, made)
      }
      const next = at[key]
      if (!inner.has(next)) refuse('malformed', show(name), 'below no other tensor', `one below ${show(key)}`)
      at = next as Record<string, TensorTree>
    }
    setKey(refuse, show(name), at, last, value)
  }
  return root
}

/** The state of a model as params like others: of their structure, shapes and dtypes. */
export const modelLike = (refuse: Refuse, model: TensorTree, params: readonly Param[], like: unknown): unknown => {
  const fields = fieldsOf(refuse, 'the state of a model', model)
  const names = new Set(params.map(({ name }) => name))
  const extra = Object.keys(fields).find((name) => !names.has(name))
  if (extra !== undefined) {
    refuse(
      'mismatch',
      'the state of a model',
      'of the names in like',
      `${show(extra)} besides; leave out what is no param`
    )
  }
  return tree.unflatten(
    like as TreeOf<unknown>,
    params.map(({ name, leaf }) => fitted(refuse, show(name), fields[name], leaf))
  )
}
