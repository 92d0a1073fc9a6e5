import { toBase64 } from '../internal/base64.js'
import { type Form, planOf } from '../internal/plan.js'

/**
 * A tree as JSON, for small states: what JSON has stands as it is, everything else is an object with one key that begins with `$`.
 *
 * - `{ "$array": "float32", "base64": … }` is a typed array, `{ "$tensor": "bfloat16", "shape": [2, 3], "base64": … }` one with a shape;
 *   the bytes are little-endian;
 * - `{ "$number": "NaN" }` is a number that JSON has not: NaN, Infinity, −Infinity and −0;
 * - `{ "$bigint": "12" }` and `{ "$undefined": true }` are what they say, `{ "$bare": … }` an object without a prototype.
 *
 * A key of a tree that begins with `$` is written with one more. There is no checksum; a file that must not be lost is one of {@link save}.
 *
 * Laws: `fromJson(toJson(tree))` is the tree, to the bit.
 *
 * @example
 * toJson({ count: 1, mu: { w: Float32Array.of(1) }, best: Infinity })
 * // => '{"gradchain":1,"tree":{"count":1,"mu":{"w":{"$array":"float32","base64":"AACAPw=="}},"best":{"$number":"Infinity"}}}'
 *
 * @throws InvalidTree as {@link save} does.
 */
export const toJson = (tree: unknown): string => {
  const { form, bare, tensors } = planOf('toJson', tree)
  const isBare = new Set(bare)
  let objects = 0
  let used = 0

  const leaf = (said: string): unknown => {
    if (said.startsWith('text:')) return said.slice('text:'.length)
    if (said.startsWith('bigint:')) return { $bigint: said.slice('bigint:'.length) }
    if (said === 'undefined') return { $undefined: true }
    const { dtype, shape, bytes } = tensors[used++] as (typeof tensors)[number]
    if (said === 'number') return numberOf(new Float64Array(bytes.buffer)[0] as number)
    const base64 = toBase64(bytes)
    return said === 'array' ? { $array: dtype, base64 } : { $tensor: dtype, shape, base64 }
  }

  const visit = (node: Form): unknown => {
    if (node === null || typeof node === 'boolean') return node
    if (typeof node === 'string') return leaf(node)
    if (Array.isArray(node)) return node.map(visit)
    const number = objects
    objects += 1
    const fields = Object.entries(node).map(([key, item]) => [key.startsWith('$') ? `$${key}` : key, visit(item)])
    const object: unknown = Object.fromEntries(fields)
    return isBare.has(number) ? { $bare: object } : object
  }

  return JSON.stringify({ gradchain: 1, tree: visit(form) })
}

const numberOf = (x: number): unknown =>
  Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? '-0' : String(x) }
