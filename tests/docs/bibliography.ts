// Reads the papers out of the `@see` lines of doc blocks, and writes the page that lists them.
import { packageFolders, read, sourcesOf } from './files.js'

/** What a doc block says of a work. */
export interface Citation {
  readonly authors: string
  readonly year: string
  readonly title: string | undefined
  /** Where in it: `algorithm 1`. */
  readonly place: string | undefined
  readonly link: string | undefined
}

/** A citation, the file it is in, and the export whose doc block it stands in, if it is one. */
interface Found extends Citation {
  readonly file: string
  readonly name: string | undefined
}

const NAME = String.raw`(?:(?:Van|Le|De|Kimi) )?\p{Lu}[\p{L}’'-]+`
const CITED = new RegExp(String.raw`(${NAME}(?:(?:, ${NAME})*,? and ${NAME}| et al\.)?) \((\d{4})\)`, 'gu')
const PLACE = String.raw`(?:algorithms?|sections?|equations?|appendix|tables?|figures?|chapters?|definitions?|lectures?)\b`
const TITLE = new RegExp(String.raw`^, (?!${PLACE}|for |and |\{@link)(.+?)(?=, ${PLACE}|, for |, \{@link|;|\.?\s*$)`)
const PLACED = new RegExp(String.raw`, (${PLACE}.*?)(?=, |;|\.?\s*$)`)
const LINK = /\{@link (https?:\/\/[^\s}]+)\}/

/** The citations of a text: `authors (year), title, place, {@link …}`, of which only authors and year must be there. */
export const citations = (text: string): readonly Citation[] => {
  const found = [...text.matchAll(CITED)]
  return found.map(({ 0: head, 1: authors = '', 2: year = '', index }, i) => {
    const tail = text.slice(index + head.length, found[i + 1]?.index)
    return { authors, year, title: TITLE.exec(tail)?.[1], place: PLACED.exec(tail)?.[1], link: LINK.exec(tail)?.[1] }
  })
}

/** The texts of the `@see` lines of a doc block. */
const seen = (block: string): readonly string[] => {
  const lines = block.split('\n').map((line) => line.replace(/^\s*\/?\*+ ?/, '').trim())
  const texts: string[][] = []
  let current: string[] | undefined
  for (const line of lines) {
    if (line.startsWith('@') || line === '') {
      current = line.startsWith('@see ') ? [line.slice('@see '.length)] : undefined
      if (current) texts.push(current)
    } else current?.push(line)
  }
  return texts.map((text) => text.join(' '))
}

const BLOCK = /\/\*\*([\s\S]*?)\*\/\s*(?:export (?:abstract )?(?:const|function|interface|type|class) (\w+))?/g

/** What is cited in a source, and what is no citation though it should be one, as sentences. */
const inSource = (
  file: string,
  text: string
): { readonly found: readonly Found[]; readonly problems: readonly string[] } => {
  const family = /^packages\/frameworks\/src\/(\w+)\//.exec(file)?.[1]
  const blocks = [...text.matchAll(BLOCK)].flatMap(([, block = '', name]) =>
    seen(block).map((said) => ({ said, name: family && name ? `${family}.${name}` : name }))
  )
  const found = blocks.flatMap(({ said, name }) => {
    const isInternal = file.includes('/internal/')
    return citations(said).map((citation) => ({ ...citation, file, name: isInternal ? undefined : name }))
  })
  const problems = blocks.flatMap(({ said }) => {
    const cited = citations(said)
    const years = said.match(/\(\d{4}\)/g)?.length ?? 0
    const papers = said.match(/\{@link https?:\/\/(?:arxiv|doi)\.org\/[^\s}]+\}/g)?.length ?? 0
    const isRead = years === cited.length && papers <= cited.filter(({ link }) => link !== undefined).length
    return isRead ? [] : [`${file}: not to be read as \`authors (year), title, place, {@link …}\`: ${said}`]
  })
  return { found, problems }
}

/** A work, and who cites it for what. */
interface Work {
  readonly authors: string
  readonly year: string
  readonly title: string
  readonly link: string | undefined
  readonly citedBy: readonly Found[]
}

const groupedBy = <T>(list: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return groups
}

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The works that sources cite, sorted by authors, year and title, and what is wrong with how they do. */
export const worksOf = (
  sources: readonly { readonly file: string; readonly text: string }[]
): { readonly works: readonly Work[]; readonly problems: readonly string[] } => {
  const read = sources.map(({ file, text }) => inSource(file, text))
  const found = read.flatMap((one) => one.found)
  const problems = read.flatMap((one) => one.problems)
  const who = ({ authors, year }: Citation): string => `${authors} (${year})`
  const links = groupedBy(
    found.filter(({ link }) => link !== undefined),
    who
  )
  // One that is cited without its link is the one of these authors in that year that has one.
  const keyOf = (one: Found): string => {
    const known = new Set(links.get(who(one))?.map(({ link }) => link))
    if (one.link === undefined && known.size > 1) {
      problems.push(`${one.file}: which work of ${who(one)} is meant, a link must say`)
    }
    return one.link ?? [...known][0] ?? who(one)
  }
  const works = [...groupedBy(found, keyOf)].map(([key, citedBy]) => {
    const [first] = citedBy as [Found]
    const one = <T>(what: string, values: readonly T[]): T | undefined => {
      const different = [...new Set(values)].filter((value) => value !== undefined)
      if (different.length > 1) problems.push(`${key} has more than one ${what}: ${different.join(' | ')}`)
      if (different.length === 0) problems.push(`${citedBy.map(({ file }) => file)[0]}: ${key} has no ${what}`)
      return different[0]
    }
    one('authors and year', citedBy.map(who))
    const title =
      one(
        'title',
        citedBy.map((citation) => citation.title)
      ) ?? ''
    return {
      authors: first.authors,
      year: first.year,
      title,
      link: first.link ?? citedBy.find(({ link }) => link)?.link,
      citedBy
    }
  })
  const order = ({ authors, year, title }: Work): string => plain([authors, year, title].join('\n'))
  works.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return { works, problems }
}

/** The works that the packages cite. */
export const works = (): ReturnType<typeof worksOf> =>
  worksOf(packageFolders.flatMap(sourcesOf).map((file) => ({ file, text: read(file) })))

const HEAD = `# Bibliography

The papers and books behind what is implemented here: each with the exports that follow it, and the place in it. Written out of the \`@see\` lines of the doc
blocks by \`npx vitest run --project docs bibliography -u\`; a test fails where it is stale.
`

/** The page, as Markdown. */
export const page = (cited: readonly Work[]): string => {
  const lines = cited.flatMap(({ authors, year, title, link, citedBy }) => {
    const names = groupedBy(
      citedBy.filter(({ name }) => name !== undefined),
      ({ name }) => name as string
    )
    if (names.size === 0) return []
    const uses = [...names]
      .sort(([a], [b]) => (plain(a) < plain(b) ? -1 : 1))
      .map(([name, by]) => {
        const places = [...new Set(by.flatMap(({ place }) => place ?? []))]
        return places.length === 0 ? `\`${name}\`` : `\`${name}\` (${places.join('; ')})`
      })
    return [`- ${authors} (${year}), ${link === undefined ? title : `[${title}](${link})`}: ${uses.join(', ')}`]
  })
  return [HEAD, ...lines, ''].join('\n')
}
