/** The process of a rival in Node: answers one line of JSON on stdin with one on stdout. See protocol.ts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { split } from './cases.js'
import { gradsFile, paramsFile } from './inputs.js'
import type { Answer, Answers, Memory, Opened, Request, Timed } from './protocol.js'
import type { Contestant } from './rivals/contestant.js'
import { type Implementation, implementations } from './rivals/index.js'
import { versionOf } from './versions.js'

// What a library prints must not come between the answers.
console.log = console.error

const floats = (file: string): Float32Array => {
  const bytes = readFileSync(file)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

let contestant: Contestant | undefined
let gradients: (set: number) => Float32Array[] = () => []
let gradientSets = 0
const idle = process.memoryUsage.rss()

const ready = (): Contestant => {
  if (contestant === undefined) throw new Error('nothing has been opened')
  return contestant
}

const open = async (request: Request & { do: 'open' }): Promise<Opened> => {
  const { implementation, chain, hyper, leaves, threads, inputs } = request
  const prepare = await implementations[implementation as Implementation]()
  gradientSets = request.gradientSets
  gradients = (set) => cut(floats(gradsFile(inputs, set)), leaves)
  const params = cut(floats(paramsFile(inputs)), leaves)
  contestant = await prepare({ chain, hyper, threads, params, grads: gradients(0) })
  return { version: versionOf(implementation as Implementation), bytes: contestant.bytes }
}

/** Leaves with memory of their own. */
const cut = (flat: Float32Array, leaves: number): Float32Array[] => split(flat, leaves).map((leaf) => leaf.slice())

const check = async ({ steps, output }: Request & { do: 'check' }): Promise<Answers['check']> => {
  const running = ready()
  const sets = Array.from({ length: gradientSets }, (_, set) => gradients(set))
  for (let t = 0; t < steps; t++) {
    running.feed(sets[t % gradientSets] as Float32Array[])
    running.step()
  }
  await running.finish()
  writeFileSync(output, Buffer.concat(running.params().map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength))))
  running.feed(sets[0] as Float32Array[])
  sets.length = 0
  globalThis.gc?.()
  return {}
}

const time = async ({ steps }: Request & { do: 'time' }): Promise<Timed> => {
  const running = ready()
  const cpu = process.cpuUsage()
  const since = performance.now()
  for (let t = 0; t < steps; t++) running.step()
  await running.finish()
  const milliseconds = performance.now() - since
  const { user, system } = process.cpuUsage(cpu)
  return { milliseconds, cpuMilliseconds: (user + system) / 1000 }
}

const memory = (): Memory => ({ bytes: process.memoryUsage.rss() - idle })

const handle = (request: Request): Promise<Answers[Request['do']]> | Memory => {
  if (request.do === 'open') return open(request)
  if (request.do === 'check') return check(request)
  if (request.do === 'time') return time(request)
  return memory()
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer<Answers[Request['do']]>
  try {
    answer = { kind: 'done', value: await handle(JSON.parse(line) as Request) }
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException
    answer =
      code === 'ERR_MODULE_NOT_FOUND'
        ? { kind: 'absent', what: message }
        : { kind: 'failed', message: stack ?? message }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit()
