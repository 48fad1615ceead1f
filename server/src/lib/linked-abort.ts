/** A signal of one's own that is also aborted when the caller's is, at a fraction of what `AbortSignal.any` costs. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Lets go of the caller's signal; to be called once nothing needs ours any more. */
  unlink(): void
}

/** Without a reason of its own an abort would make an exception with a stack, for nobody. */
const nobodyNeedsIt = new Error('nobody needs it any more')

export function linkedAbort(caller: AbortSignal): LinkedAbort {
  const own = new AbortController()
  const follow = () => own.abort(caller.reason)
  if (caller.aborted) follow()
  else caller.addEventListener('abort', follow)
  return {
    signal: own.signal,
    abort: (reason = nobodyNeedsIt) => own.abort(reason),
    unlink: () => caller.removeEventListener('abort', follow),
  }
}
