export { download } from './download.js'
export { loadOpfs } from './loadOpfs.js'
export { saveOpfs } from './saveOpfs.js'
export { upload } from './upload.js'
