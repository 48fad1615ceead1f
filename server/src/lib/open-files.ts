/**
 * How many files and sockets this process may have open; no end where the system does not tell. Node has raised its own limit to the
 * hard one before we run.
 */
export function openFilesMax(): number {
  // Else it looks up the names of peers. The types do not know it yet.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as { readonly userLimits?: { readonly open_files?: { soft?: unknown } } }
  const soft = report.userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/** What to tell the operator when so many requests at once, two sockets each, are more than the limit allows. */
export function fewFilesNote(requests: number, filesMax: number): string | undefined {
  if (2 * requests <= filesMax) return undefined
  return (
    `An engine is configured for ${requests} requests at once, but only ${filesMax} files may be open, which is enough for about ` +
    `${Math.floor(filesMax / 2)}. Raise the limit (ulimit -Hn, or LimitNOFILE= of a systemd unit), or lower 'concurrency'.`
  )
}
