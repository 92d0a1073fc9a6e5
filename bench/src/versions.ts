import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Implementation } from './rivals/index.js'

const packages: Readonly<Record<Implementation, string | undefined>> = {
  copy: undefined,
  loopInPlace: undefined,
  loopFresh: undefined,
  transient: 'gradchain',
  step: 'gradchain',
  update: 'gradchain',
  jaxJs: '@jax-js/jax',
  tfjsWasm: '@tensorflow/tfjs-core',
  tfjsCpu: '@tensorflow/tfjs-core'
}

/** What runs, with its version, found in the package that is really loaded. */
export const versionOf = (implementation: Implementation): string => {
  const name = packages[implementation]
  if (name === undefined) return `Node ${process.versions.node}`
  for (
    let folder = dirname(fileURLToPath(import.meta.resolve(name)));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const file = join(folder, 'package.json')
    if (!existsSync(file)) continue
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (manifest.name === name) return `${name} ${manifest.version}`
  }
  return name
}
