import { availableParallelism } from 'node:os'

/**
 * One core stays with the gateway; more than eight bring little, and ggml's threads spin at barriers, so that a core which is
 * not really free costs more than it gives.
 */
export const defaultThreads = (cores = availableParallelism()): number => Math.min(8, Math.max(1, cores - 1))
