// A site with the packed packages as they are, without a bundler: their files, an import map, and three pages.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** The pages, by the headers that they are served with. */
export const pages = {
  /** Cross-origin isolated: threads may share memory. */
  isolated: { 'Cross-Origin-Opener-Policy': 'same-origin' },
  /** As most pages are. */
  plain: {},
  /** Nothing may be compiled: neither JavaScript out of a string nor WebAssembly. */
  strict: { 'Content-Security-Policy': "default-src 'none'; script-src 'self' 'nonce-map'; worker-src 'self'" }
} as const

/** One of {@link pages}. */
export type Page = keyof typeof pages

/** A site that runs. */
export interface Site {
  readonly addressOf: (page: Page) => string
  readonly close: () => void
}

const html = (imports: Readonly<Record<string, string>>): string => `<!doctype html>
<title>gradchain</title>
<link rel="icon" href="data:,">
<script type="importmap" nonce="map">${JSON.stringify({ imports })}</script>
<script type="module" src="/main.js"></script>
`

/** Serves a folder in which the packages are installed. */
export const serve = async (folder: string): Promise<Site> => {
  const page = html(importsOf(folder))
  const server: Server = createServer(({ url = '/' }, response) => {
    const name = url.slice(1)
    const headers = pages[name as Page]
    try {
      const body = headers === undefined ? readFileSync(join(folder, name)) : page
      const type = headers === undefined ? 'text/javascript' : 'text/html'
      // A worker of an isolated page says itself that it embeds nothing from elsewhere.
      const embedder = name === 'plain' ? {} : { 'Cross-Origin-Embedder-Policy': 'require-corp' }
      response.writeHead(200, { ...embedder, ...headers, 'Content-Type': type }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { addressOf: (name) => `http://127.0.0.1:${port}/${name}`, close: () => server.close() }
}

/** What a page calls the packages, and where their entries are; it is told of nothing else, such as fp-ts, for them to import. */
const importsOf = (folder: string): Readonly<Record<string, string>> => {
  const names = ['core', 'schedules', 'transforms', 'optimizers', 'checkpoint']
    .map((name) => `@gradchain/${name}`)
    .concat('gradchain')
  return Object.fromEntries(
    names.flatMap((name) => {
      const manifest = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')
      const { exports } = JSON.parse(manifest) as { exports: Record<string, string | { default: string }> }
      return Object.entries(exports).flatMap(([entry, target]) =>
        typeof target === 'string'
          ? []
          : [[name + entry.slice(1), `/node_modules/${name}/${target.default.replace('./', '')}`]]
      )
    })
  )
}
