import base from '../../tsup.base.js'

export default { ...base, entry: { index: 'src/index.ts', plot: 'src/plot/index.ts', svg: 'src/svg/index.ts' } }
