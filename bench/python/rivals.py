"""The process of a rival in Python: answers one line of JSON on stdin with one on stdout. See src/protocol.ts.

Every line of a request names what to do; `open` names the library, which is only then imported.
"""

import json
import os
import sys
import time
import traceback
from typing import Any, Callable, Protocol

Json = dict[str, Any]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLIPPED, LION, MULTI_STEPS = "clipped", "lion", "multiSteps"


class Contestant(Protocol):
    """A rival that is ready to run."""

    version: str

    def feed(self, grads: list[Any]) -> None:
        """From now on steps use these gradients, NumPy arrays."""

    def step(self) -> None:
        """One step: from gradients to new params."""

    def finish(self) -> None:
        """Returns when all steps have been made."""

    def params(self) -> list[Any]:
        """The params as they are now, as NumPy arrays."""


class Torch:
    """PyTorch's AdamW, with `fused=True` or `foreach=True`."""

    def __init__(self, request: Json, params: list[Any], grads: list[Any]) -> None:
        import torch

        self.torch = torch
        self.version = f"PyTorch {torch.__version__}"
        self.chain: str = request["chain"]
        self.hyper: Json = request["hyper"]
        self.leaves = [torch.nn.Parameter(torch.from_numpy(p.copy())) for p in params]
        self.grads = [torch.from_numpy(g.copy()) for g in grads]
        h = self.hyper
        is_fused = request["implementation"] == "torchFused"
        self.optimizer = torch.optim.AdamW(
            self.leaves,
            lr=h["learningRate"],
            betas=(h["b1"], h["b2"]),
            eps=h["eps"],
            weight_decay=h["weightDecay"],
            **({"fused": True} if is_fused else {"foreach": True}),
        )
        needs_sums = self.chain in (LION, MULTI_STEPS)
        self.sums = [torch.zeros_like(g) for g in self.grads] if needs_sums else []
        self.mini_step = 0
        for leaf, grad in zip(self.leaves, self.sums if self.chain == MULTI_STEPS else self.grads):
            leaf.grad = grad

    def feed(self, grads: list[Any]) -> None:
        for place, g in zip(self.grads, grads):
            place.copy_(self.torch.from_numpy(g))

    def step(self) -> None:
        if self.chain == LION:
            self.lion()
            return
        if self.chain == CLIPPED:
            # Clips the gradients where they stand; the next step clips them again, which is the same work.
            self.torch.nn.utils.clip_grad_norm_(self.leaves, self.hyper["maxNorm"], foreach=True)
        elif self.chain == MULTI_STEPS:
            every = self.hyper["every"]
            self.torch._foreach_add_(self.sums, self.grads, alpha=1 / every)
            self.mini_step = (self.mini_step + 1) % every
            if self.mini_step != 0:
                return
        self.optimizer.step()
        if self.chain == MULTI_STEPS:
            self.torch._foreach_zero_(self.sums)

    def lion(self) -> None:
        """PyTorch has no Lion; this is how one writes it. `sums` is the momentum."""
        torch, h = self.torch, self.hyper
        with torch.no_grad():
            direction = torch._foreach_mul(self.sums, h["b1"])
            torch._foreach_add_(direction, self.grads, alpha=1 - h["b1"])
            torch._foreach_sign_(direction)
            torch._foreach_mul_(self.leaves, 1 - h["learningRate"] * h["weightDecay"])
            torch._foreach_add_(self.leaves, direction, alpha=-h["learningRate"])
            torch._foreach_lerp_(self.sums, self.grads, 1 - h["b2"])

    def finish(self) -> None:
        """PyTorch on a CPU is done when it returns."""

    def params(self) -> list[Any]:
        return [leaf.detach().numpy() for leaf in self.leaves]


class Optax:
    """Optax and `apply_updates` in one jitted function whose params and state are donated."""

    def __init__(self, request: Json, params: list[Any], grads: list[Any]) -> None:
        import jax
        import jax.numpy as jnp
        import optax
        import optax.contrib

        self.jax = jax
        self.jnp = jnp
        self.version = f"Optax {optax.__version__}, JAX {jax.__version__}"
        h = request["hyper"]
        adamw = optax.adamw(h["learningRate"], b1=h["b1"], b2=h["b2"], eps=h["eps"], weight_decay=h["weightDecay"])
        tx = {
            "adamw": lambda: adamw,
            CLIPPED: lambda: optax.chain(
                optax.clip_by_global_norm(h["maxNorm"]),
                optax.scale_by_adam(b1=h["b1"], b2=h["b2"], eps=h["eps"]),
                optax.add_decayed_weights(h["weightDecay"]),
                optax.scale_by_learning_rate(h["learningRate"]),
            ),
            LION: lambda: optax.lion(h["learningRate"], b1=h["b1"], b2=h["b2"], weight_decay=h["weightDecay"]),
            MULTI_STEPS: lambda: optax.MultiSteps(adamw, h["every"]),
            "ademamix": lambda: optax.contrib.ademamix(
                h["learningRate"],
                b1=h["b1"],
                b2=h["b2"],
                b3=0.9999,
                alpha=5.0,
                eps=h["eps"],
                weight_decay=h["weightDecay"],
            ),
            "prodigy": lambda: optax.contrib.prodigy(
                h["learningRate"],
                betas=(h["b1"], h["b2"]),
                eps=h["eps"],
                estim_lr0=1e-3,
                weight_decay=h["weightDecay"],
            ),
            "scheduleFreeAdamw": lambda: optax.contrib.schedule_free_adamw(
                h["learningRate"], b1=h["b1"], b2=h["b2"], eps=h["eps"], weight_decay=h["weightDecay"]
            ),
        }[request["chain"]]()

        def update(params: Any, state: Any, grads: Any) -> Any:
            updates, state = tx.update(grads, state, params)
            return optax.apply_updates(params, updates), state

        self.update: Callable[..., Any] = jax.jit(update, donate_argnums=(0, 1))
        self.leaves = tuple(jnp.array(p) for p in params)
        self.state = tx.init(self.leaves)
        self.feed(grads)

    def feed(self, grads: list[Any]) -> None:
        self.grads = tuple(self.jnp.array(g) for g in grads)

    def step(self) -> None:
        self.leaves, self.state = self.update(self.leaves, self.state, self.grads)

    def finish(self) -> None:
        """Steps were only dispatched, one while another still ran, which is how Optax is fastest."""
        self.jax.block_until_ready((self.leaves, self.state))

    def params(self) -> list[Any]:
        import numpy as np

        return [np.asarray(leaf) for leaf in self.leaves]


def limit_xla(threads: int) -> None:
    """Lets XLA have this many threads.

    `--xla_cpu_multi_thread_eigen=false` and `intra_op_parallelism_threads` change nothing about these programs. The size of
    XLA's pool is what `NPROC` says, or how many cores the process may use; beside the pool stands the thread that
    dispatches, so that only the set of cores, where the system has such a thing, is a limit for both together.
    """
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["NPROC"] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[-threads:]))


def load_optax(threads: int) -> None:
    limit_xla(threads)
    import jax
    import optax  # noqa: F401 -- only to have it loaded

    jax.devices()


def load_torch(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


#: How each library is loaded, with so many threads, and what then runs on it.
LIBRARIES: dict[str, tuple[Callable[[int], None], Callable[..., Contestant]]] = {
    "torchFused": (load_torch, Torch),
    "torchForeach": (load_torch, Torch),
    "optax": (load_optax, Optax),
}


def resident() -> int:
    """The resident set, in bytes; its largest so far where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Process:
    """Handles requests, one after the other."""

    def open(self, request: Json) -> Json:
        import numpy as np

        self.folder, self.leaves, self.sets = request["inputs"], request["leaves"], request["gradientSets"]
        self.np = np
        load, make = LIBRARIES[request["implementation"]]
        load(request["threads"])
        self.idle = resident()
        self.contestant = make(request, self.read("params"), self.read("grads0"))
        return {"version": self.contestant.version}

    def read(self, name: str) -> list[Any]:
        flat = self.np.fromfile(os.path.join(self.folder, f"{name}.f32"), dtype=self.np.float32)
        return self.np.split(flat, self.leaves)

    def check(self, request: Json) -> Json:
        sets = [self.read(f"grads{set}") for set in range(self.sets)]
        for t in range(request["steps"]):
            self.contestant.feed(sets[t % self.sets])
            self.contestant.step()
        self.contestant.finish()
        self.np.concatenate(self.contestant.params()).tofile(request["output"])
        self.contestant.feed(sets[0])
        self.contestant.finish()
        return {}

    def time(self, request: Json) -> Json:
        step, steps = self.contestant.step, request["steps"]
        cpu, since = time.process_time(), time.perf_counter()
        for _ in range(steps):
            step()
        self.contestant.finish()
        passed, busy = time.perf_counter() - since, time.process_time() - cpu
        return {"milliseconds": passed * 1e3, "cpuMilliseconds": busy * 1e3}

    def memory(self, _: Json) -> Json:
        return {"bytes": resident() - self.idle}


def main() -> None:
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    process = Process()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: Json = {"kind": "done", "value": getattr(process, request["do"])(request)}
        except ModuleNotFoundError as error:
            answer = {"kind": "absent", "what": str(error.name)}
        except Exception:  # noqa: BLE001 -- whatever it is, the benchmark shows it and goes on with the others
            answer = {"kind": "failed", "message": traceback.format_exc().replace(f"{ROOT}/", "")}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
