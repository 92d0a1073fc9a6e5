import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type DefaultTheme, defineConfig, type MarkdownEnv } from 'vitepress'
import { slug } from '../slug.mjs'

const site = new URL('..', import.meta.url)
const json = (file: string): unknown => JSON.parse(readFileSync(new URL(file, site), 'utf8'))

/** The packages' sources, as TypeScript finds them: the site wants nothing built. */
const aliases = () => {
  const { compilerOptions } = json('../tsconfig.base.json') as {
    readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly [string]>> }
  }
  return Object.entries(compilerOptions.paths).map(([name, [source]]) => ({
    find: new RegExp(`^${name.replace('*', '(.+)')}$`),
    replacement: fileURLToPath(new URL(`../${source.replace('*', '$1')}`, site))
  }))
}

/** One theme whose colours are set in style.css, for light and dark: with two themes every block would be read twice. */
const code = {
  name: 'house',
  type: 'light' as const,
  fg: 'var(--code-text)',
  bg: 'transparent',
  settings: Object.entries({
    comment: ['comment', 'punctuation.definition.comment'],
    string: ['string', 'constant.other.symbol', 'punctuation.definition.string'],
    number: ['constant.numeric', 'constant.language', 'support.constant'],
    keyword: ['keyword.control', 'keyword.operator.new', 'keyword.operator.expression', 'storage'],
    type: ['entity.name.type', 'support.type', 'support.class', 'entity.other.inherited-class'],
    name: ['entity.name.function', 'support.function', 'meta.function-call entity.name.function']
  }).map(([name, scope]) => ({ scope, settings: { foreground: `var(--code-${name})` } }))
}

/** What the search finds: headings and sentences. Code, formulas and tables of numbers would make an index of megabytes. */
const searched = (
  text: string,
  env: MarkdownEnv,
  md: { readonly render: (text: string, env: MarkdownEnv) => string }
): string =>
  md.render(
    text
      .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '')
      .replace(/^(?: {4}[^\n]*\n)+/gm, '')
      .replace(/^(?:\|[^\n]*\n)+/gm, ''),
    env
  )

export default defineConfig({
  srcDir: '.pages',
  title: 'Gradchain',
  description: 'Optimizers as pure { init, update } pairs, for TypeScript',
  lang: 'en',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  metaChunk: true,
  markdown: { theme: code, anchor: { slugify: slug } },
  vite: { resolve: { alias: aliases() } },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/' },
      { text: 'Reference', link: '/api/' },
      { text: 'Playground', link: '/playground' },
      { text: 'Speed', link: '/bench/results' }
    ],
    sidebar: json('.pages/sidebar.json') as DefaultTheme.Sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { _render: searched } }
  }
})
