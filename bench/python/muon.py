"""Optax's Muon on one thread: answers each line on stdin with the milliseconds of a step. See src/probes/muon.ts."""

import sys
import time

from rivals import limit_xla

COUNT, ROWS, COLUMNS = map(int, sys.argv[1:])


def main() -> None:
    limit_xla(1)
    import jax
    import numpy as np
    import optax

    rng = np.random.default_rng(1)
    grads = [jax.numpy.asarray(rng.uniform(-0.5, 0.5, (ROWS, COLUMNS)), "float32") for _ in range(COUNT)]
    params = [jax.numpy.zeros_like(g) for g in grads]
    tx = optax.contrib.muon(1e-3)

    def update(params, state, grads):
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    state = tx.init(params)
    step = jax.jit(update, donate_argnums=(0, 1))
    for _ in sys.stdin:
        since = time.perf_counter()
        params, state = jax.block_until_ready(step(params, state, grads))
        print((time.perf_counter() - since) * 1e3, flush=True)


if __name__ == "__main__":
    main()
