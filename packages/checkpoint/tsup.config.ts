import base from '../../tsup.base.js'

export default {
  ...base,
  entry: {
    index: 'src/index.ts',
    node: 'src/node/index.ts',
    browser: 'src/browser/index.ts',
    keras: 'src/keras/index.ts'
  }
}
