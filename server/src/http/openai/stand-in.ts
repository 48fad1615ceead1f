import type { Model } from '../../engines/catalog.ts'
import type { Exchange } from '../exchange.ts'

/** A stand-in never poses as the real model: from here on each answer of this exchange names who speaks, an error too. */
export function sayStandIn({ response }: Exchange, model: Model): void {
  if (model.standIn !== undefined) response.setHeader('x-tidegate-stand-in', model.standIn)
}
