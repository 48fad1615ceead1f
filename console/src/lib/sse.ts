/**
 * Reads server-sent events. Text comes cut anywhere; what is said does not depend on where.
 * @returns a function that takes the next piece and tells the data of the events that it completed; comments are heartbeats, and skipped
 */
export function sseReader(): (piece: string) => string[] {
  let rest = ''
  let data: string[] = []
  let afterReturn = false

  return (piece) => {
    const events: string[] = []
    // A line feed behind a carriage return belongs to it, also when it comes in the next piece.
    const text = afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') afterReturn = piece.endsWith('\r')
    const lines = (rest + text).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push(data.join('\n'))
        data = []
      } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    }
    return events
  }
}
