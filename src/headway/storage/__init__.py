"""Keep the store in object storage, so that it outlives the machine that scans.

The store is one object. Commands work with a local copy in the cache folder:

- A reading command asks for the version of the object (its ETag) and downloads the object only if
  no local copy has this version. A download is checked before it becomes a copy: its size, its
  hash, the seal of its blocks, that DuckDB opens it, and the version of its tables.
- A writing command holds a lock on the cache folder, downloads the object in the same way and
  writes to a copy of it. The result replaces the object by one conditional request, which the
  service refuses if the object is no longer the one that was downloaded. A lost race is an error,
  and the result is kept in a file. Services show an object only when it has arrived completely, so
  an upload that is cut off changes nothing.
- The export follows the store. The files of its tables are named after their content, and never
  change. The manifest that lists them is replaced last, by a conditional request.
- A service could ignore conditions. Therefore, two requests that it must refuse are sent before
  each upload.

All requests are sent by a child process (`agent`), which alone has the credentials. Plugins cannot
find them, no thread exists when workers are forked, and Ctrl-C ends a transfer at once.
"""
