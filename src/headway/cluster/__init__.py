"""Workers on other machines, provided by a Dask cluster.

Who does what: the coordinator is the process that runs a command. It connects to the scheduler of
the cluster (`dask_cluster`) and divides the repositories into chunks (`chunk_queue`). Each thread
of a Dask worker is a seat, which gets one chunk at a time (`seats`, `cluster_executor`). For each
seat, the Dask worker starts a host, which is a separate process (`host_handle`). The host fetches
repositories into mirrors on its machine, and starts worker processes, as a scan on one machine does
(`repository_host`). If a scanner kills its process, the host and the Dask worker keep running.

For a site, the coordinator sends the tasks of the build instead of chunks (`cluster_builders`). The
hosts write files to the folder of the new site, which all machines share (`site_host`).

Chunks and replies are bytes that only coordinators and hosts can read. They contain no
credentials: a host reads the forge tokens from its own environment.

Before a seat gets chunks, its host reports its code and the versions of packages (`code_version`).
A seat with other code gets no chunks.
"""
