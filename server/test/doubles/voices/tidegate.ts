import type { Voice } from '../voice.ts'
import { deepseek } from './deepseek.ts'

/** A Tidegate as a node: it writes as the DeepSeek API does. */
export const tidegate: Voice = { ...deepseek, kind: 'tidegate', pages: { '/health/ready': { status: 'ok' } } }
