"""Workers on other machines, which a Dask cluster provides.

Who does what: the coordinator is the process that runs a command. It connects to the scheduler of
the cluster (`dask_cluster`) and divides the repositories into chunks (`chunk_queue`). Each thread
of a Dask worker is a seat, which gets one chunk at a time (`seats`, `cluster_executor`). For each
seat, the Dask worker starts a host: a process of its own (`host_handle`) that fetches repositories
into mirrors on its machine and starts worker processes as a scan on one machine does
(`repository_host`). If a scanner kills its process, the host and the Dask worker keep running.

Chunks and answers are bytes that only coordinators and hosts can read. They contain no
credentials: a host reads the tokens of forges from its own environment.

Before a seat gets chunks, its host states which versions and code it runs (`code_version`). A seat
with other code gets no chunks.
"""
