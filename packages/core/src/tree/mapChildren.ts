/** A list, or an object, like another one, with what `f` makes of each child. */
export const mapChildren = (node: object, f: (child: unknown, key: string) => unknown): unknown => {
  if (Array.isArray(node)) return node.map((child, i) => f(child, String(i)))
  const out: Record<string, unknown> = Object.getPrototypeOf(node) === null ? Object.create(null) : {}
  for (const key in node) out[key] = f((node as typeof out)[key], key)
  return out
}
