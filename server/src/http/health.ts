import { type Catalog, isReady } from '../engines/catalog.ts'
import { send, sendJson } from './answer.ts'
import type { Exchange, OpenHandler } from './exchange.ts'

/** `GET /health`: whether any model can answer (contract C110). */
export const getHealth =
  (catalog: Catalog): OpenHandler =>
  (exchange) =>
    answerHealth(exchange, catalog.models.some(isReady))

/** `GET /health/live`: the process answers; whoever restarts it looks here. */
export const getLive: OpenHandler = (exchange) => answerHealth(exchange, true)

/** `GET /health/ready`: new requests are welcome; whoever routes to us looks here. */
export const getReady =
  (catalog: Catalog, isLeaving: () => boolean, databaseIsWell: () => boolean): OpenHandler =>
  (exchange) => {
    if (isLeaving()) return sendJson(exchange, 503, { status: 'draining' })
    const well = databaseIsWell()
    const ok = well && catalog.models.some(isReady)
    sendJson(exchange, ok ? 200 : 503, { status: wordOf(ok), database: wordOf(well) })
  }

const wordOf = (ok: boolean) => (ok ? 'ok' : 'unavailable')

const answerHealth = (exchange: Exchange, ok: boolean): void =>
  sendJson(exchange, ok ? 200 : 503, { status: wordOf(ok) })

export type Metrics = () => Promise<{ readonly contentType: string; readonly text: string }>

/** `GET /metrics`, in Prometheus' format. */
export const getMetrics =
  (metrics: Metrics): OpenHandler =>
  async (exchange) => {
    const { contentType, text } = await metrics()
    send(exchange, 200, contentType, text)
  }
