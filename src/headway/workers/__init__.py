"""Worker processes with limits, for scans and for site builds.

Workers are separate processes, because scanners can be third-party code that crashes, hangs or uses
up the memory. A crash affects only the call that was running.

Start of a worker: if the coordinator has only one thread when the pool is entered, it forks the
first workers, which then share all loaded modules and data. A fork server starts all other workers
and all replacements. In both cases, the new process becomes a keeper (`keeper`), which forks the
worker and kills all processes that the worker leaves behind. The worker starts a new session,
applies its limits (`sandbox`), and then runs one call after another (`worker_main`). In the
coordinator, one thread per worker (`pool`) waits for the worker's reply (`worker_process`).

Attribution of crashes: before a worker calls a scanner, it writes the index of the rule to memory
shared with the coordinator (`active_rule`). If the worker dies or does not reply in time, the
coordinator reads the responsible rule from this memory. If no scanner was running, no rule is
responsible.

Changes to the process: after a worker has run a scanner from a workspace, it compares its state
with the earlier state (`process_state`). If they differ, the call fails as if the worker had died.
The coordinator then runs the call again, with each scanner from a workspace in a separate process
(`contained_call`).
"""
