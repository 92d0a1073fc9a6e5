// Where the links of pages lead.
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { read, root } from './files.js'

/** A link to the repository: the line it stands on, the path it leads to from the root, and the heading there. */
interface Link {
  readonly line: number
  readonly said: string
  readonly path: string
  readonly heading: string
}

/** The lines of a page that are neither code nor comments for machines. */
const prose = (text: string): readonly string[] => {
  let inCode = false
  return text.split('\n').map((line) => {
    const isFence = line.startsWith('```')
    if (isFence) inCode = !inCode
    return isFence || inCode ? '' : line.replaceAll(/`[^`]*`/g, '')
  })
}

const linksOf = (file: string): readonly Link[] =>
  prose(read(file)).flatMap((text, i) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, said = '']) => {
      if (/^[a-z]+:/.test(said)) return []
      const [to = '', heading = ''] = said.split('#')
      return {
        line: i + 1,
        said,
        path: to === '' ? file : posix.join(posix.dirname(file), to).replace(/\/$/, ''),
        heading
      }
    })
  )

/** How GitHub names a heading in a link. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')

/** The names of the headings of a page; one that is there twice is numbered. */
const headingsOf = (file: string): ReadonlySet<string> => {
  const times = new Map<string, number>()
  let inCode = false
  const named = read(file)
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('```')) inCode = !inCode
      const heading = inCode ? undefined : /^#{1,6} +(.*?)\s*$/.exec(line)?.[1]
      if (heading === undefined) return []
      const name = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'))
      const before = times.get(name) ?? 0
      times.set(name, before + 1)
      return before === 0 ? name : `${name}-${before}`
    })
  return new Set(named)
}

/** The links of these pages that lead nowhere, as `file:line: link`. */
export const brokenLinks = (files: readonly string[]): readonly string[] =>
  files.flatMap((file) =>
    linksOf(file).flatMap(({ line, said, path, heading }) => {
      const isThere = existsSync(join(root, path))
      const leads = isThere && (heading === '' || (path.endsWith('.md') && headingsOf(path).has(heading)))
      return leads ? [] : `${file}:${line}: ${said}`
    })
  )

/** The pages that no way of links leads to from this one; a link to a folder leads to the pages in it. */
export const unreached = (from: string, pages: readonly string[]): readonly string[] => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { path } of linksOf(file)) {
      for (const page of pages) if (page === path || posix.dirname(page) === path) visit(page)
    }
  }
  visit(from)
  return pages.filter((page) => !seen.has(page))
}
