#!/usr/bin/env bash
# fzstd 0.1.1: a frame that claims more bytes than its blocks hold is read without an error, the rest filled with zeros.
# Guess: an error, as from zstd itself ("Data corruption detected"), since what the header says is not there.
# Seen (2026-11-29, Node 20.20): a header that says 5 bytes before a block of the 3 bytes 7, 8, 9 gives 7, 8, 9, 0, 0.
# In Gradchain: frames are walked over before they are unpacked, and what comes out is counted; decodeOrbax refuses such a frame.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent fzstd@0.1.1
cat > run.mjs <<'JS'
import { decompress } from 'fzstd'

const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 0x19, 0, 0, 7, 8, 9)
let said
try {
  said = String(decompress(frame))
} catch (error) {
  said = `an error: ${error.message}`
}
console.log(`fzstd: 3 bytes of 5 give ${said}`)
if (said !== '7,8,9,0,0') {
  console.log('CHANGED: a frame that is too short is read otherwise')
  process.exit(1)
}
JS
node run.mjs
