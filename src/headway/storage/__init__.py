"""Keep the store in object storage, so that it outlives the machine that scans.

The store is one object. Commands work with a local copy in the cache folder.

- A reading command requests the version of the object (its ETag) and downloads the object only if
  no local copy has this version. Before a download becomes a copy, its size, its hash, the
  checksums of its blocks and the version of its tables are checked.
- A writing command holds a lock on the cache folder, downloads the object in the same way and
  writes to a copy. The result replaces the object with one conditional request. The service rejects
  this request if the object has changed since the download. In that case, the command fails and
  keeps its result in a file. Services show an object only after it has arrived completely, so an
  interrupted upload changes nothing.
- The export is saved after the store. The files of its tables are named after their content and
  never change. The manifest that lists them is replaced last, with a conditional request.
- A service could ignore conditions. Therefore, two requests that it must reject are sent before
  each upload.

A child process (`agent`) sends all requests, and only this process has the credentials. Plugins
therefore cannot find them, no thread exists when workers are forked, and Ctrl-C ends a transfer at
once.
"""
