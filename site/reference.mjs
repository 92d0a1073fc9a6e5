// What TypeDoc wrote, as pages of the site: the parts of an export are no headings, of which there would be thousands in the outline
// and the search, and each page says how to import what is on it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mathematics } from './mathematics.mjs'

const out = fileURLToPath(new URL('.pages', import.meta.url))
const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** @param {string} text */
const withoutSmallHeadings = (text) =>
  text.replace(/^#{4,} (?!Constructor$)([A-Z][a-z]+(?: [A-Za-z]+)*)$/gm, '<p class="part">$1</p>')

/**
 * What is set apart by four spaces is mathematics, or else code.
 * @param {string} text
 */
const withMathematics = (text) =>
  text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$|(?<=\n\n)(?: {4,}[^\n]*\n(?:\n(?= {4}))?)+/gm, (block, fence) =>
    fence === undefined ? (mathematics(block) ?? `\`\`\`ts\n${block.replace(/^ {4}/gm, '')}\`\`\`\n`) : block
  )

/**
 * The exports of a page that are no types, each with where it stands on it.
 * @param {string} text
 */
const valuesOn = (text) =>
  text
    .split(/^## /m)
    .filter((section) => /^(?:Functions|Variables|Classes)\n/.test(section))
    .flatMap((section) => [...section.matchAll(/^### (?:`abstract` )?([\w$]+).* \{#(.*)\}$/gm)])
    .map(([, name = '', place = '']) => ({ name, place }))

/** What a package is, in its own words. @param {string} name */
const described = (name) => {
  const [folder = ''] = name.replace('@gradchain/', '').split('/')
  return JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')).description
}

/**
 * @param {readonly { link: string, title: string, group: string }[]} references
 */
export const setReference = (references) => {
  /** @type {Map<string, string[]>} */
  const byPackage = new Map()
  for (const { link, title, group } of references) {
    const file = join(out, `${link.replace(/\/$/, '/index')}.md`)
    const text = readFileSync(file, 'utf8').replace(/^# .*$/m, `# ${title} {#the-exports}\n\nExports of \`${group}\`.`)
    writeFileSync(file, withMathematics(withoutSmallHeadings(text)))
    const name = group.split('/').slice(0, 2).join('/')
    const names = valuesOn(text).map((value) => `[${value.name}](${link}#${value.place})`)
    const own = title === group ? group : group === name ? title : `${group}: ${title}`
    const line = `- **[${own}](${link})**${names.length > 0 ? `: ${names.join(', ')}` : ''}`
    byPackage.set(name, [...(byPackage.get(name) ?? []), line])
  }
  const sections = [...byPackage].map(
    ([name, lines]) =>
      `## ${name}\n\n${described(name)} [More about it](/packages/${name.split('/').at(-1)}/).\n\n${lines.join('\n')}\n`
  )
  const text = `# Reference\n\nEvery function, by its package and the folder that it is in.\n\n${sections.join('\n')}`
  writeFileSync(join(out, 'api/index.md'), text)
}
