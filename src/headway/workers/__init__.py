"""Worker processes with limits, for scans and for site builds.

Workers are separate processes because a scanner is third-party code that may crash, hang or use up
the memory. Only the call that is running in that process is then lost.

Start of a worker: if the coordinator has only one thread when the pool is entered, it forks the
first workers, which then share everything that is already loaded. A fork server starts all other
workers and all replacements. In both cases the worker starts its own session, applies its limits
(`sandbox`), and then runs one call after another (`worker_main`). The coordinator has one thread
per worker (`pool`), which waits for the worker's reply (`worker_process`).

Crash attribution: before a worker calls a scanner, it writes the index of the rule to memory that
it shares with the coordinator (`active_rule`). If the worker dies or does not reply in time, the
coordinator reads from this memory which rule is responsible. If no scanner was running, no rule is
held responsible.
"""
