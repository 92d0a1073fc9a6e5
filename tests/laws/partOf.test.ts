import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { partOf } from './partOf.js'

const rows = Array.from({ length: 23 }, (_, i) => `row ${i}`)

test.each(['transformations', 'aliases', 'wrappers'])('the files about %s have every row once', (stem) => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => new RegExp(`^${stem}\\.\\d+\\.`).test(name))
  const parts = files.map((name) => partOf(rows, new URL(name, import.meta.url).href))
  expect(parts.flat().sort()).toEqual([...rows].sort())
  expect(parts.every((part) => part.length >= Math.floor(rows.length / files.length))).toBe(true)
})
