import { onTestFinished, vi } from 'vitest'

/** Sets the clock to the start of the next minute, for a test of what is limited by the minute: it must not begin in one and end in the next. */
export function startOfMinute(): void {
  const minuteMs = 60_000
  const now = Math.ceil(Date.now() / minuteMs) * minuteMs
  vi.useFakeTimers({ toFake: ['Date'], now, shouldAdvanceTime: true })
  onTestFinished(() => void vi.useRealTimers())
}
