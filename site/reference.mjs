// What TypeDoc wrote, as pages of the site: the parts of an export are no headings, of which there would be thousands in the outline
// and the search, and each page says how to import what is on it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mathematics } from './mathematics.mjs'

const out = fileURLToPath(new URL('.pages', import.meta.url))

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
 * @param {readonly { link: string, title: string, group: string }[]} references
 */
export const setReference = (references) => {
  for (const { link, title, group } of references) {
    const file = join(out, `${link.replace(/\/$/, '/index')}.md`)
    const text = readFileSync(file, 'utf8').replace(/^# .*$/m, `# ${title} {#the-exports}\n\nExports of \`${group}\`.`)
    writeFileSync(file, withMathematics(withoutSmallHeadings(text)))
  }
  const lines = references.map(
    ({ link, title, group }) => `- [${title === group ? group : `${group}: ${title}`}](${link})`
  )
  writeFileSync(
    join(out, 'api/index.md'),
    `# Reference\n\nEvery export, by its package and folder.\n\n${lines.join('\n')}\n`
  )
}
