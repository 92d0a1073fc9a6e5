// Serves a page that learns to read handwritten digits on WebGPU, or, with --node, does it here.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { gpuDevice } from '@gradchain/webgpu'
import { parseDigits } from '../../digits/src/data.js'
import { train } from './train.js'

const { values } = parseArgs({ options: { node: { type: 'boolean' }, port: { type: 'string', default: '8080' } } })

const data = readFileSync(new URL('../../digits/data/digits.csv.gz', import.meta.url))
const digits = parseDigits(gunzipSync(data).toString('utf8'))

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Training on WebGPU</title>
<link rel="icon" href="data:,">
<style>body { font: 16px/1.5 system-ui; margin: 2em } canvas { border: 1px solid #ccc }</style>
<h1>Training on WebGPU</h1>
<canvas id="losses" width="640" height="240"></canvas>
<pre id="lines"></pre>
<script type="module" src="/page.js"></script>
`

if (values.node === true) {
  const { create } = await import('webgpu')
  const device = await gpuDevice({ gpu: create([]) })
  await train(device, digits, { line: (text) => console.log(text), losses: () => {} })
  // Dawn keeps Node alive.
  process.exit(0)
} else {
  const files: Readonly<Record<string, readonly [type: string, body: () => string | Buffer]>> = {
    '/': ['text/html', () => PAGE],
    '/page.js': ['text/javascript', () => readFileSync(new URL('page.js', import.meta.url))],
    '/digits.json': ['application/json', () => JSON.stringify(digits)]
  }
  const server = createServer(({ url = '/' }, response) => {
    const [type, body] = files[url] ?? []
    if (type === undefined || body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': type }).end(body())
  })
  server.listen(Number(values.port), '127.0.0.1', () => {
    console.log(`open http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  })
}
