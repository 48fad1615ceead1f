/** Watches one client's silence: `beat` runs whenever `everyMs` have passed without `touch` (contract C101). */
export function startHeartbeat(everyMs: number, beat: () => void): { touch(): void; stop(): void } {
  const timer = setInterval(beat, everyMs)
  return { touch: () => void timer.refresh(), stop: () => clearInterval(timer) }
}
