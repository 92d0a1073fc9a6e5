// Writes what the real TensorFlow.js computes, on its CPU backend, as data for `frameworks.test.ts`: float32, all it has.
//
//     npm install --no-save @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
//     node tests/parity/generate_tfjs.mjs
//
// The table says what is generated. To cover something new, add a row here and a row of the same name in `frameworks/`. The
// packages are taken from the folder where the script is run.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const load = createRequire(join(process.cwd(), 'package.json'))
const tf = load('@tensorflow/tfjs-core')
load('@tensorflow/tfjs-backend-cpu')

/** The expressions, by name: that of our function, then a slash and the variant. */
const CASES = {
  sgd: 'tf.train.sgd(0.1)',
  momentum: 'tf.train.momentum(0.1, 0.9)',
  'momentum/nesterov': 'tf.train.momentum(0.1, 0.8, true)',
  adagrad: 'tf.train.adagrad(0.1)',
  'adagrad/initial': 'tf.train.adagrad(0.1, 0.5)',
  adadelta: 'tf.train.adadelta()',
  'adadelta/options': 'tf.train.adadelta(0.1, 0.5, 0.1)',
  adam: 'tf.train.adam()',
  'adam/options': 'tf.train.adam(0.1, 0.8, 0.95, 0.01)',
  adamax: 'tf.train.adamax()',
  'adamax/options': 'tf.train.adamax(0.1, 0.8, 0.9, 0.01, 0.3)',
  rmsprop: 'tf.train.rmsprop(0.01)',
  'rmsprop/options': 'tf.train.rmsprop(0.1, 0.8, 0.9, 0.01)'
}

const DATA = new URL('./data/', import.meta.url)
/** @typedef {{ name: string, leaves: { shape: number[] }[], params: number[][], gradients: { plain: number[][][] } }} Tree */
/** @type {{ trees: Tree[] }} */
const { trees } = JSON.parse(readFileSync(new URL('trees.json', DATA), 'utf8'))
const tree = trees.find(({ name }) => name === 'small')
if (tree === undefined) throw new Error('there is no small tree')

/** A tensor of a leaf. @param {number[]} values @param {number} i */
const tensor = (values, i) => tf.tensor(values, tree.leaves[i]?.shape, 'float32')

/** The params after every step. @param {string} expression */
const run = (expression) => {
  const optimizer = new Function('tf', `return ${expression}`)(tf)
  const names = tree.leaves.map((_, i) => `${expression} ${i}`)
  const variables = tree.params.map((leaf, i) => tf.variable(tensor(leaf, i), true, names[i]))
  return tree.gradients.plain.map((gradient) => {
    optimizer.applyGradients(Object.fromEntries(gradient.map((leaf, i) => [names[i] ?? '', tensor(leaf, i)])))
    return variables.map((/** @type {{ dataSync: () => Float32Array }} */ variable) => [...variable.dataSync()])
  })
}

await tf.setBackend('cpu')
const cases = Object.entries(CASES).map(([name, expression]) => {
  const steps = run(expression).map((leaves) => `    ${JSON.stringify(leaves)}`)
  const head = { name, expression, tree: tree.name }
  const fields = Object.entries(head).map(([key, value]) => `   ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  return `  {\n${fields.join(',\n')},\n   "params": {"float32": [\n${steps.join(',\n')}\n   ]}\n  }`
})
const command = 'node tests/parity/generate_tfjs.mjs'
const versions = { '@tensorflow/tfjs-core': tf.version_core, node: process.versions.node }
const header = `{\n "command": ${JSON.stringify(command)},\n "versions": ${JSON.stringify(versions)},\n`
const text = `${header} "cases": [\n${cases.join(',\n')}\n ],\n "schedules": []\n}\n`
JSON.parse(text)
writeFileSync(new URL('tensorflowjs.json', DATA), text)
