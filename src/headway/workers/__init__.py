"""Worker processes with limits, for scans and for site builds.

Workers are separate processes, because scanners are third-party code that may crash, hang or use up
the memory. A crash then affects only the call that was running.

How a worker starts: if the coordinator has only one thread when the pool is entered, it forks the
first workers, which then share everything that is already loaded. A fork server starts all other
workers and all replacements. In both cases the new process becomes a keeper, which forks the
worker and kills whatever the worker leaves behind (`keeper`). The worker starts its own session,
applies its limits (`sandbox`), and then runs one call after another (`worker_main`). In the
coordinator, one thread per worker (`pool`) waits for the worker's reply (`worker_process`).

How a crash is attributed to a rule: before a worker calls a scanner, it writes the index of the
rule to memory shared with the coordinator (`active_rule`). If the worker dies or does not reply in
time, the coordinator reads the responsible rule from this memory. If no scanner was running, no
rule is responsible.

Scanners that change their process: a worker that has run a scanner of a workspace compares its
state with the state before (`process_state`). If it differs, the call fails as if the worker had
died. The coordinator runs it again, with each call of such a scanner in a process of its own
(`contained_call`).
"""
