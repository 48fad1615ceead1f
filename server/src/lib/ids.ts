import { randomBytes } from 'node:crypto'

/** @returns `prefix` and `digits` random hex digits; 24 of them carry 96 bits. `digits` must be even. */
export const hexId = (prefix: string, digits: number): string => prefix + randomBytes(digits / 2).toString('hex')
