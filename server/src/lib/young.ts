import { setFlagsFromString } from 'node:v8'

/**
 * From here on every object is made in V8's young generation. Else V8 makes those of a place in the code old at once when many made there
 * were still alive at a collection, and what such an object sees of its request then lives until the next full one (decision 0050).
 */
export const makeAllYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring')
