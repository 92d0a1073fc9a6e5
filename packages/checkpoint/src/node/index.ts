export { readFolder } from './readFolder.js'
