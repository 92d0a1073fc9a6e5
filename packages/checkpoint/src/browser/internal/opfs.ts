import { InvalidOption, show } from '@gradchain/core'

/** The folder of a file in the origin private file system, and its name in it. */
export const placeOf = async (
  owner: string,
  path: string,
  options: FileSystemGetDirectoryOptions
): Promise<readonly [FileSystemDirectoryHandle, string]> => {
  const names = typeof path === 'string' ? path.split('/') : []
  const name = names.pop()
  if (name === undefined || [name, ...names].some((part) => part === '' || part === '.' || part === '..')) {
    throw new InvalidOption(`${owner}: path must be names with slashes between, got ${show(path)}`)
  }
  let folder = await navigator.storage.getDirectory()
  for (const part of names) folder = await folder.getDirectoryHandle(part, options)
  return [folder, name]
}
