/** How an answer ended, in whatever words. */
export type End = 'stop' | 'length' | 'filtered' | 'broken-off'

/** By server and model; in lower case. */
const known: ReadonlyMap<string, End> = new Map([
  ...(
    [
      'length',
      'max_tokens',
      'max_output_tokens',
      'max_length',
      'model_length',
      'model_context_window_exceeded',
    ] as const
  ).map((reason) => [reason, 'length'] as const),
  ...(
    [
      'content_filter',
      'content_filtered',
      'sensitive',
      'safety',
      'blocklist',
      'prohibited_content',
      'recitation',
    ] as const
  ).map((reason) => [reason, 'filtered'] as const),
  // Reasons that are none: the upstream gave up (contract C68).
  ...(
    ['insufficient_system_resource', 'abort', 'aborted', 'cancelled', 'error', 'network_error', 'timeout'] as const
  ).map((reason) => [reason, 'broken-off'] as const),
])

/** @param reason as the upstream says it; one that nobody knows is a natural end (contract OA4) */
export const endOf = (reason: string): End => known.get(reason.toLowerCase()) ?? 'stop'
