// One home for one thing: in core, beside the same for whole trees.
export { updateMoment } from '@gradchain/core'
