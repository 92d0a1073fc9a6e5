#!/usr/bin/env bash
# @msgpack/msgpack 3.1.3: a list is made as long as its header claims before anything of it is read.
# Guess: what a file of 100 bytes can hold takes some kilobytes; it ends too early, and an error says so.
# Seen (2026-11-29, Node 20.20): 20 headers in each other, of lists of 2²⁴ items each, take more than 2 GiB, and then the error comes.
# In Gradchain: decodeFlaxMsgpack has a decoder of its own, whose lists grow with what is read.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent @msgpack/msgpack@3.1.3
cat > run.mjs <<'JS'
import { decode } from '@msgpack/msgpack'

const bytes = new Uint8Array(100)
for (let i = 0; i < 20; i++) bytes.set([0xdd, 0x01, 0, 0, 0], i * 5)
const before = process.memoryUsage().rss
let said = 'read'
try {
  decode(bytes)
} catch (error) {
  said = error.message
}
const mebibytes = Math.round((process.memoryUsage().rss - before) / 2 ** 20)
console.log(`@msgpack/msgpack: ${mebibytes} MiB for 100 bytes, then: ${said}`)
if (mebibytes < 500) {
  console.log('CHANGED: lists are not made before they are read')
  process.exit(1)
}
JS
node run.mjs
