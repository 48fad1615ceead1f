/** Memory that may pile up before it is collected. */
const GROWTH_MAX = 48 * 1024 * 1024
const CHECK_MS = 250

/**
 * Samplers and grammars are native memory behind small JavaScript objects. It is freed with them, but the garbage collector knows
 * nothing of its size and sees no reason to run: so it is called whenever the process has grown.
 * @param rss the memory of the process in bytes
 * @returns to be called often; it is cheap while nothing has grown
 */
export function createCollector(rss: () => number, collect: () => void): () => void {
  let least = Number.POSITIVE_INFINITY
  return () => {
    const now = rss()
    least = Math.min(least, now)
    if (now - least < GROWTH_MAX) return
    collect()
    // What a collection could not give back is in use, and no reason for the next one.
    least = rss()
  }
}

/** For as long as the process lives. Needs `--expose-gc`. */
export function collectLitter(): void {
  const check = createCollector(process.memoryUsage.rss, () => globalThis.gc?.())
  setInterval(check, CHECK_MS).unref()
}
