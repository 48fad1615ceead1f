/** Watches one client's silence: `beat` runs whenever `everyMs` have passed without `touch` (contract C101). */
export function startHeartbeat(everyMs: number, beat: () => void): { touch(): void; stop(): void } {
  let silentSince = performance.now()
  let timer = setTimeout(look, everyMs)
  function look() {
    // A touch is a time that is written down: setting the timer anew for each word costs more.
    const leftMs = silentSince + everyMs - performance.now()
    if (leftMs <= 0) {
      silentSince = performance.now()
      beat()
    }
    timer = setTimeout(look, leftMs > 0 ? Math.ceil(leftMs) : everyMs)
  }
  return {
    touch() {
      silentSince = performance.now()
    },
    stop: () => clearTimeout(timer),
  }
}
