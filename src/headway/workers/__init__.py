"""Worker processes with limits, for scans and for site builds.

A worker is a separate process because a scanner is foreign code: it may crash, hang or use up the
memory. Only the call that runs in that process is then lost.

Process state: a pool forks its first workers when it is entered, if the process has only one
thread, so that they share everything that is already loaded. All other workers, and all workers
that replace a lost one, are started by a fork server. In both cases the worker starts a session of
its own, takes its limits (`sandbox`), and then runs one call after another (`worker_main`). The
coordinator has one thread per worker (`pool`), which waits for its answer (`worker_process`).

Crash attribution: before a worker calls a scanner, it writes the index of the rule into memory that
it shares with the coordinator (`active_rule`). If the worker then dies or does not answer in time,
the coordinator reads there which rule caused it. A worker that dies while no scanner runs is
attributed to no rule.
"""
