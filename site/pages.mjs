// Writes the pages of the site to `.pages`, out of what the repository has: every page of docs, the guide chapter by chapter, the
// READMEs, the tables of the bench with charts; and to `.entries` what TypeDoc is to read. A new file needs no line here.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { charts } from './charts.mjs'
import { filesIn } from './files.mjs'
import { mathematics } from './mathematics.mjs'
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

/** Every file of the repository that is a page, in the order in which the README says where to read on; what it does not name comes last. */
const sources = () => {
  const [, readOn = ''] = read('README.md').split('## Where to read on')
  const placeOf = (/** @type {string} */ file) => {
    if (file === 'README.md' || file === GUIDE) return -1
    const at = readOn.search(new RegExp(`\\]\\(${file.replace(/\/README\.md$/, '(?:/README.md)?')}[)#]`))
    return at < 0 ? Infinity : at
  }
  return [
    'README.md',
    GUIDE,
    ...filesIn('docs', /\.md$/).filter((file) => file !== GUIDE),
    ...filesIn('packages', /^packages\/[^/]+\/README\.md$/),
    ...filesIn('bench', /^bench\/[^/]+\.md$/),
    ...filesIn('examples', /^examples\/[^/]+\/README\.md$/),
    'findings/README.md',
    'CONTRIBUTING.md'
  ]
    .map((file) => ({ file, place: placeOf(file) }))
    .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place))
    .map(({ file }) => file)
}

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

const STATEMENTS = /^import (type )?(?:\{([^}]*)\}|(\* as \w+)) from '([^']+)'\n/gm
const BLOCKS = /^```ts\n([\s\S]*?)^```$/gm

/**
 * What the blocks of a text import: each name, how it is asked for, and from where.
 * @param {string} text
 */
const importsOf = (text) =>
  [...text.matchAll(BLOCKS)]
    .flatMap(([, code = '']) => [...code.matchAll(STATEMENTS)])
    .flatMap(([, type = '', list, all, from = '']) =>
      (list ?? all ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map((item) => ({ name: item.split(' ').at(-1) ?? '', item: `${type}${item}`, from }))
    )

/**
 * A chapter whose first block imports what the chapter uses, so that it can be copied: in the guide one block does so for all of them.
 * @param {string} text
 * @param {readonly { name: string, item: string, from: string }[]} names
 */
const withImports = (text, names) => {
  const code = [...text.matchAll(BLOCKS)].map(([, block = '']) => block).join('')
  const own = new Set(importsOf(text).map(({ name }) => name))
  const used = names.filter(
    ({ name }) =>
      !own.has(name) && new RegExp(`(?<![.\\w'])${name}\\b(?!\\w*['?]?: )`).test(code.replace(/\/\/.*$/gm, ''))
  )
  const lines = [...new Set(used.map(({ from }) => from))].flatMap((from) => {
    const items = used.filter((one) => one.from === from).map(({ item }) => item)
    const listed = items.filter((item) => !item.startsWith('*'))
    const short = `import { ${listed.join(', ')} } from '${from}'`
    return [
      ...items.filter((item) => item.startsWith('*')).map((item) => `import ${item} from '${from}'`),
      ...(listed.length === 0
        ? []
        : [short.length <= 80 ? short : `import {\n  ${listed.join(',\n  ')}\n} from '${from}'`])
    ]
  })
  if (lines.length === 0) return text
  return text.replace(/^```ts\n/m, (fence) => `${fence}${lines.join('\n')}\n${own.size > 0 ? '' : '\n'}`)
}

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
  const names = importsOf(before)
  return [
    { file, page, title, text: before.trim() },
    ...chapters.map((chapter) => {
      const end = chapter.indexOf('\n')
      const heading = chapter.slice(0, end)
      const own = { title: plain(heading), page: `guide/${slug(plain(heading))}` }
      return { file, ...own, text: withImports(`# ${heading}\n${chapter.slice(end)}`, names) }
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
  // The first page has the first example of the README, which the tests run.
  const first = /^```sh\n[\s\S]*?^```$\s*^```ts[^\n]*\n[\s\S]*?^```$/m.exec(visible(read('README.md')))?.[0]
  if (first === undefined) throw new Error('site: README.md must begin with how to install it, and an example')
  const home = readFileSync(join(out, 'index.md'), 'utf8')
  write(
    'index.md',
    home.replace('<!-- the first example of the README -->', () => first)
  )
  const pages = sources().flatMap(pagesOf)
  for (const page of pages) {
    if (existsSync(join(out, `${page.page}.md`)))
      throw new Error(`site: two files are the page ${page.page}, one of them ${page.file}`)
    const text = linked(page, pages).replace(/(?<=\n\n)(?: {4}[^\n]*\n)+/g, (block) => mathematics(block) ?? block)
    write(`${page.page}.md`, page.file.startsWith('bench/') ? charts(text) : text)
  }

  const reference = references()
  // Pages of a folder that are called alike are told apart by their files.
  const named = (/** @type {Page} */ { page, title }) => {
    const isAlone = pages.every((other) => other.page === page || other.title !== title)
    return isAlone || posix.basename(page) === 'index' ? title : `${title}: ${posix.basename(page)}`
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
