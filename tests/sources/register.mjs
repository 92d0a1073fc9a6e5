// Has Node load the sources of the workspace by itself: as modules whose imports are bindings, and not fields that a getter
// looks up. A process does so once, for all files that it runs.
import { register } from 'node:module'

const registered = Symbol.for('gradchain: Node loads the sources')

if (!(registered in globalThis)) {
  Object.assign(globalThis, { [registered]: true })
  register('./hooks.mjs', import.meta.url)
}
