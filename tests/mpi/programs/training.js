// What ranks of `local` come to that train by themselves, and with less to send. The optimizer is a user's own, on raw arrays.
import { diloco, gossip, localSgd, postLocalSgd, powerSgd, scaleByOnebitAdam } from './distributed.mjs'

const descent = { init: () => ({}), update: ({ w }, state) => [{ w: w.map((x) => -x) }, state] }

export default (comm) => {
  const trained = (tx, steps) => {
    const params = { w: new Float64Array(1) }
    let state = tx.init(params)
    for (let t = 0; t < steps; t++) {
      const [updates, next] = tx.update({ w: Float64Array.of(comm.rank + 1) }, state, params)
      params.w[0] += updates.w[0]
      state = next
    }
    return params.w[0]
  }
  const matrix = (x) => ({ w: { dtype: 'float64', shape: [6, 6], data: new Float64Array(36).fill(x) } })
  const factored = powerSgd(comm)
  const [sent] = factored.update(matrix(comm.rank + 1), factored.init(matrix(0)), matrix(0))
  return {
    localSgd: trained(localSgd(descent, comm, { every: 2 }), 4),
    postLocalSgd: trained(postLocalSgd(descent, comm, { warmup: 2, period: 2 }), 3),
    diloco: trained(diloco(descent, comm, { every: 2 }), 2).toFixed(9),
    gossip: trained(gossip(descent, comm), 4).toFixed(9),
    powerSgd: sent.w.data.every((x) => Math.abs(x - 2) < 1e-12),
    onebitAdam: trained(scaleByOnebitAdam(comm, { warmup: 1, b1: 0 }), 2).toFixed(6)
  }
}
