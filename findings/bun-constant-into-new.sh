#!/usr/bin/env bash
# Bun 1.4.5: a constant that holds the constructor of an optional chain and is used once is put into the `new` behind it when a file is read, and
# `new a[0]?.constructor(n)` is no JavaScript: a file that every other runtime runs does not load at all.
# Guess: what runs without a build step is run as it stands.
# Seen (2026-11-29): `const Data = arrays[0]?.constructor; return new Data(n)` is a SyntaxError, "Cannot call constructor in an optional chain"; without
# the question mark it runs. Node 20 runs both.
# In Gradchain: nothing is constructed from a chain with a question mark; the test of runtimes loads every package in Bun.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund bun@1.4.5
write() {
  cat > "$1.mjs" <<JS
const like = (arrays, n) => {
  const Data = arrays[0]$2.constructor
  return new Data(n)
}
console.log(like([new Float32Array(2)], 3).length)
JS
}
write chain '?'
write plain ''
node chain.mjs >/dev/null
seen=$(npx bun run chain.mjs 2>&1 || true)
other=$(npx bun run plain.mjs 2>&1 || true)
echo "Bun 1.4.5, with the question mark: ${seen%%$'\n'*}; without: ${other%%$'\n'*}"
if [[ "$seen" != *'optional chain'* || "$other" != 3 ]]; then
  echo 'CHANGED: constants are put into new otherwise now'
  exit 1
fi
