// README's loop, and `transient` with threads, from the packed packages, on the newest Node, on Deno and on Bun. Their
// binaries come from npm once; where one cannot be had, its test is left out and says why.
import { beforeAll, expect, inject, test } from 'vitest'
import { leftOut } from '../packed/leftOut.js'
import { type Report, reportOf, writePrograms } from '../packed/programs.js'
import { had, runtimes } from './had.js'

const { home } = inject('packed')
let here: Report

beforeAll(async () => {
  writePrograms(home)
  here = await reportOf(home)
})

test('here, threads give the bits that one has', () => {
  const [one, two] = here.threads
  expect(here.isWasmSupported).toBe(true)
  expect([one?.[0], two]).toStrictEqual([1, [2, one?.[1]]])
})

test('here, params of 16 bits are the same in three ways', () => {
  const [, params, ...others] = here.halves
  for (const other of [others[0], others[1], others[2]]) expect(other).toStrictEqual(params)
})

test.for(Object.entries(runtimes))('%s gives the bits of this Node, with threads too', async ([, runtime], context) => {
  const found = await had(runtime)
  if ('why' in found) return leftOut(context, found.why)
  expect(await reportOf(home, found.file, runtime.args)).toEqual(here)
})
