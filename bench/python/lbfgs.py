"""The direction of L-BFGS in Optax or PyTorch: answers each line on stdin with the milliseconds of a step. See src/probes/lbfgs.ts."""

import sys
import time

from rivals import limit_xla

LIBRARY = sys.argv[1]
THREADS, SIZE, MEMORY = map(int, sys.argv[2:])


def optax_step():
    limit_xla(THREADS)
    import jax
    import jax.numpy as jnp
    import optax

    tx = optax.chain(optax.scale_by_lbfgs(memory_size=MEMORY), optax.scale(-0.1))
    curvature = 1 + jnp.arange(SIZE, dtype="float32") / SIZE

    def update(params, state, grads):
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    compiled = jax.jit(update, donate_argnums=(0, 1))
    params = jnp.sin(jnp.arange(SIZE, dtype="float32"))
    # Two copies: what is donated must not stand in the state twice.
    state = jax.tree.map(jnp.copy, tx.init(params))

    def step():
        nonlocal params, state
        grads = jax.block_until_ready(curvature * params)
        since = time.perf_counter()
        params, state = jax.block_until_ready(compiled(params, state, grads))
        return time.perf_counter() - since

    return step


def torch_step():
    import torch

    torch.set_num_threads(THREADS)
    params = torch.nn.Parameter(torch.sin(torch.arange(SIZE, dtype=torch.float32)))
    curvature = 1 + torch.arange(SIZE, dtype=torch.float32) / SIZE
    optimizer = torch.optim.LBFGS([params], lr=0.1, max_iter=1, history_size=MEMORY, tolerance_grad=0, tolerance_change=0)
    params.grad = torch.empty_like(params)
    spent = 0.0

    def closure():
        nonlocal spent
        since = time.perf_counter()
        with torch.no_grad():
            torch.mul(curvature, params, out=params.grad)
        spent += time.perf_counter() - since
        return torch.tensor(1.0)

    def step():
        nonlocal spent
        spent = 0.0
        since = time.perf_counter()
        optimizer.step(closure)
        # Gradients are not counted, as for the others.
        return time.perf_counter() - since - spent

    return step


def main() -> None:
    step = optax_step() if LIBRARY == "optax" else torch_step()
    for _ in sys.stdin:
        print(step() * 1e3, flush=True)


if __name__ == "__main__":
    main()
