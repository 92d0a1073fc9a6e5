// Files that the real tools wrote: packages/checkpoint/fixtures says which, and how.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** The bytes of a fixture. */
export const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(`${root}${path}`))

/** A fixture in JSON; the caller knows what is in it. */
export const fixtureJson = <T>(path: string): T => JSON.parse(readFileSync(`${root}${path}`, 'utf8')) as T

/** The files of a folder among the fixtures by their paths in it. */
export const fixtureFolder = (path: string): ReadonlyMap<string, Uint8Array> =>
  new Map(
    readdirSync(`${root}${path}`, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile())
      .map((item) => `${item.parentPath}/${item.name}`)
      .map((full) => [full.slice(root.length + path.length + 1), new Uint8Array(readFileSync(full))])
  )

/** What a decoder gave, or its error thrown. */
export const rightOf = <T>(
  either: { readonly _tag: 'Right'; readonly right: T } | { readonly _tag: 'Left'; readonly left: Error }
): T => {
  if (either._tag === 'Left') throw either.left
  return either.right
}

/** The sentence with which a decoder refused. */
export const sentenceOf = (
  either: { readonly _tag: 'Right' } | { readonly _tag: 'Left'; readonly left: Error }
): string => {
  if (either._tag === 'Right') throw new Error('it was read')
  return either.left.message
}
