import { type DestinationStream, pino } from 'pino'

/** So many bytes are one write; fewer are written after `gatherMs`. Larger writes of several processes would mix in one pipe. */
const writeBytes = { min: 3_072, max: 4_096 }
const gatherMs = 100
/** What waits for whoever reads the log, at most: one that has stopped reading must not fill the memory. */
const waitingBytesMax = 8 * 1024 * 1024

/**
 * Standard error, written beside the answers: many lines are one write, and nobody waits for who reads them. What still waits when the
 * process ends by itself is written then; pino sees to that.
 * @param onLost hears, once there is room again, how many lines were lost as nobody read them
 */
export function openLogLines(onLost: (lines: number) => void, fd = 2): DestinationStream {
  const lines = pino.destination({
    dest: fd,
    sync: false,
    minLength: writeBytes.min,
    maxWrite: writeBytes.max,
    maxLength: waitingBytesMax,
    periodicFlush: gatherMs,
  })
  let lost = 0
  lines.on('drop', () => lost++)
  lines.on('drain', () => {
    const count = lost
    lost = 0
    if (count > 0) onLost(count)
  })
  // A log that cannot be written (a full disk) must not end the answers that can.
  lines.on('error', () => undefined)
  return lines
}
