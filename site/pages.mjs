// Writes the pages of the site to `.pages`, out of what the repository has: every page of docs, the guide chapter by chapter, the
// READMEs, the tables of the bench with charts; and to `.entries` what TypeDoc is to read. A new file needs no line here.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { charts } from './charts.mjs'
import { filesIn } from './files.mjs'
import { slug } from './slug.mjs'

const site = fileURLToPath(new URL('.', import.meta.url))
const root = join(site, '..')
const out = join(site, '.pages')

/** @typedef {{ text: string, link?: string, collapsed?: boolean, items?: Item[] }} Item */
/** @typedef {{ file: string, page: string, title: string, text: string }} Page */

const GUIDE = 'docs/guide.md'

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), 'utf8')

/**
 * @param {string} file
 * @param {string} text
 */
const write = (file, text) => {
  mkdirSync(dirname(join(out, file)), { recursive: true })
  writeFileSync(join(out, file), text)
}

/** Every file of the repository that is a page. */
const sources = () => [
  'README.md',
  GUIDE,
  ...filesIn('docs', /\.md$/).filter((file) => file !== GUIDE),
  ...filesIn('packages', /^packages\/[^/]+\/README\.md$/),
  ...filesIn('examples', /^examples\/[^/]+\/README\.md$/),
  ...filesIn('bench', /^bench\/[^/]+\.md$/),
  'findings/README.md',
  'CONTRIBUTING.md'
]

/** The page of a file: `recipes/cnn` of `docs/recipes/cnn.md`, `packages/core/index` of a README. @param {string} file */
const pageOf = (file) =>
  file === 'README.md'
    ? 'start'
    : file === GUIDE
      ? 'guide/index'
      : file
          .replace(/^docs\//, '')
          .replace(/\.md$/, '')
          .replace(/(^|\/)README$/, '$1index')
          .toLowerCase()

/** @param {string} page */
const linkOf = (page) => `/${page.replace(/(^|\/)index$/, '$1')}`

/** The words of a heading, without marks. @param {string} heading */
const plain = (heading) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')

/** Code that readers do not see is not on the site. @param {string} text */
const visible = (text) => text.replace(/^<!-- ts\n[\s\S]*?^-->\n/gm, '').replace(/^```ts isolated$/gm, '```ts')

/**
 * The pages of a file: of the guide one for each chapter, of any other just one.
 * @param {string} file
 * @returns {Page[]}
 */
const pagesOf = (file) => {
  const text = visible(read(file))
  const page = pageOf(file)
  const title = plain(/^# +(.*)$/m.exec(text)?.[1] ?? posix.basename(page))
  if (file !== GUIDE) return [{ file, page, title, text }]
  const [before = '', ...chapters] = `\n${text}`.split(/\n## /)
  return [
    { file, page, title, text: before.trim() },
    ...chapters.map((chapter) => {
      const end = chapter.indexOf('\n')
      const heading = chapter.slice(0, end)
      const own = { title: plain(heading), page: `guide/${slug(plain(heading))}` }
      return { file, ...own, text: `# ${heading}\n${chapter.slice(end)}` }
    })
  ]
}

/**
 * The links of a page as links of the site; what is no page of it stands there as text, since it is in the repository alone.
 * @param {Page} page
 * @param {readonly Page[]} pages
 */
const linked = ({ file, page, text }, pages) => {
  const of = new Map(pages.toReversed().map((other) => [other.file, other]))
  // A README is what a folder shows.
  for (const [name, other] of [...of]) if (name.endsWith('/README.md')) of.set(posix.dirname(name), other)
  /** @param {string} path @param {string} heading */
  const found = (path, heading) => {
    const inside = /^#+ +(.*)$/gm
    const has = (/** @type {Page} */ other) =>
      [...other.text.matchAll(inside)].some(([, h = '']) => slug(plain(h)) === heading)
    return pages.find((other) => other.file === path && heading !== '' && has(other)) ?? of.get(path)
  }
  const marked = /^(`{3,})[^\n]*\n[\s\S]*?^\1$|`[^`\n]+`|(?<!!)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/gm
  return text.replace(marked, (whole, _fence, label, target) => {
    if (target === undefined || /^[a-z]+:/.test(target)) return whole
    const [path = '', heading = ''] = target.split('#')
    const at = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\/$/, '')
    const to = found(at, heading)
    if (to === undefined) return label
    const hash = heading === '' ? '' : `#${heading}`
    return `[${label}](${to.page === page && hash !== '' ? '' : linkOf(to.page)}${hash})`
  })
}

/** How an entry of a package is imported. @param {string} folder @param {string} entry */
const importedAs = (folder, entry) => (folder === 'gradchain' ? folder : `@gradchain/${folder}${entry}`)

/**
 * Every entry of the packages that exports something of its own: its source, and how it is imported. The sources are where
 * TypeScript finds them.
 * @returns {{ source: string, name: string }[]}
 */
const entries = () => {
  const { paths } = JSON.parse(read('tsconfig.base.json')).compilerOptions
  return readdirSync(join(root, 'packages'))
    .filter((folder) => folder !== 'gradchain' && existsSync(join(root, 'packages', folder, 'package.json')))
    .flatMap((folder) =>
      Object.keys(JSON.parse(read(`packages/${folder}/package.json`)).exports)
        .filter((entry) => entry !== './package.json')
        .map((entry) => {
          const name = importedAs(folder, entry.slice(1))
          const [exact] = paths[name] ?? []
          const [pattern = ''] = paths[`@gradchain/${folder}/*`] ?? []
          return { name, source: (exact ?? pattern.replace('*', entry.slice(2))).replace(/^\.\//, '') }
        })
    )
}

/**
 * What an entry exports, by the folder of its source that each stands in, as files that TypeDoc reads: each becomes a page.
 * @returns {{ file: string, link: string, title: string, group: string }[]}
 */
const references = () =>
  entries().flatMap(({ source, name }) => {
    /** @type {Map<string, string[]>} */
    const byFolder = new Map()
    for (const [, kind = '', what = '', from = ''] of read(source).matchAll(
      /^export (type )?(\{[^}]*\}|\* as \w+) from '(\.[^']+)'/gm
    )) {
      const place = posix.join(posix.dirname(source), from.replace(/\.js$/, '.ts'))
      // A namespace of core is an entry, too, which has a page.
      if (what.startsWith('*') && name === '@gradchain/core') continue
      const own = posix.dirname(from).replace(/^\.{1,2}(?:\/|$)/, '') || '.'
      const folder = what.startsWith('*') || /\binternal\b/.test(own) ? '.' : own
      const lines = byFolder.get(folder) ?? []
      const path = relative(join(site, '.entries'), join(root, place)).replaceAll('\\', '/').replace(/\.ts$/, '.js')
      byFolder.set(folder, [...lines, `export ${kind}${what} from '${path}'`])
    }
    return [...byFolder].map(([folder, lines]) => {
      const isWhole = byFolder.size === 1 || folder === '.'
      const page = name.replace('@gradchain/', '') + (isWhole ? '' : `/${folder}`)
      const file = `.entries/${page.replaceAll('/', '-')}.ts`
      mkdirSync(join(site, '.entries'), { recursive: true })
      writeFileSync(join(site, file), `/** @module ${page} */\n${lines.join('\n')}\n`)
      // TypeDoc makes a folder of what holds namespaces.
      const link = `/api/${page}${lines.some((line) => line.includes('* as')) ? '/' : ''}`
      return { file, link, title: isWhole ? name : folder, group: name }
    })
  })

/** What stands above the pages of a folder. @param {string} folder */
const titleOf = (folder) => {
  const words = folder.replaceAll(/[-/]/g, ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/**
 * A bar for each folder, under the beginning of the addresses of its pages: its own pages by their headings, and where others begin.
 * @param {readonly { at: string, title: string, items: Item[] }[]} groups
 * @param {string} others
 * @returns {Record<string, Item[]>}
 */
const sidebarsOf = (groups, others) =>
  Object.fromEntries(
    groups.map(({ at, title, items }) => [
      at,
      [
        { text: title, items },
        {
          text: others,
          items: groups
            .filter((group) => group.at !== at)
            .map((group) => ({ text: group.title, link: group.items[0]?.link ?? '' }))
        }
      ]
    ])
  )

/**
 * Items by their group, in the order in which the groups come.
 * @template T
 * @param {readonly T[]} all
 * @param {(one: T) => string} groupOf
 * @param {(one: T) => Item} itemOf
 */
const grouped = (all, groupOf, itemOf) => {
  /** @type {Map<string, Item[]>} */
  const groups = new Map()
  for (const one of all) groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), itemOf(one)])
  return [...groups]
}

/** Writes everything; gives what TypeDoc is to read, and the page that it makes of each. */
export const writePages = () => {
  rmSync(out, { recursive: true, force: true })
  rmSync(join(site, '.entries'), { recursive: true, force: true })
  cpSync(join(site, 'content'), out, { recursive: true })
  const pages = sources().flatMap(pagesOf)
  for (const page of pages) {
    if (existsSync(join(out, `${page.page}.md`)))
      throw new Error(`site: two files are the page ${page.page}, one of them ${page.file}`)
    const text = linked(page, pages)
    write(`${page.page}.md`, page.file.startsWith('bench/') ? charts(text) : text)
  }

  const reference = references()
  // Pages of a folder that are called alike are told apart by their files.
  const named = (/** @type {Page} */ { page, title }) => {
    const isAlone = pages.every((other) => other.page === page || other.title !== title)
    return isAlone ? title : `${title}: ${posix.basename(page)}`
  }
  const folderOf = (/** @type {Page} */ { page }) => posix.dirname(page).replace(/^(packages|examples)\/.*/, '$1')
  const sidebar = {
    ...sidebarsOf(
      grouped(pages, folderOf, (page) => ({ text: named(page), link: linkOf(page.page) })).map(([folder, items]) =>
        folder === '.' ? { at: '/', title: 'Begin', items } : { at: `/${folder}/`, title: titleOf(folder), items }
      ),
      'More'
    ),
    ...sidebarsOf(
      grouped(
        reference,
        ({ link }) => link.split('/')[2] ?? '',
        ({ link }) => ({ text: link.split('/').slice(3).join('/') || link.slice('/api/'.length), link })
      ).map(([folder, items]) => ({ at: `/api/${folder}`, title: folder, items })),
      'Packages'
    ),
    '/api/index': []
  }
  write('sidebar.json', `${JSON.stringify(sidebar, null, 2)}\n`)
  return reference
}
