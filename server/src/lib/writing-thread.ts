import { Worker } from 'node:worker_threads'

/** Three times what V8 fills before it collects. A transaction leaves nothing behind, and V8's own 48 MB would all be touched in turn. */
const youngMb = 6

/** Starts a thread that writes to the database beside the answers. */
export const startWritingThread = (file: URL, workerData: unknown): Worker =>
  new Worker(file, { workerData, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: youngMb } })
