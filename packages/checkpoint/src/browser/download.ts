import { save } from '../own/save.js'

/**
 * Gives a tree to the user as a file that the browser downloads, as {@link save} makes it.
 *
 * @example
 * const onClick = (params: { w: Float32Array }) => download('model.safetensors', { params })
 *
 * @throws InvalidTree as {@link save} does.
 */
export const download = (name: string, tree: unknown): void => {
  const address = URL.createObjectURL(new Blob([Uint8Array.from(save(tree))], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
