import { ServeError } from '../../completion/failure.ts'
import type { Alias, Catalog, Model } from '../../engines/catalog.ts'
import type { Key } from '../../tenancy/key.ts'
import { sendJson } from '../answer.ts'
import type { KeyedHandler } from '../exchange.ts'
import { sayStandIn } from './stand-in.ts'

/** `created` must be there and has no meaning (contract C109). */
const created = 1_626_777_600

/** `GET /v1/models` */
export const getModels =
  (catalog: Catalog): KeyedHandler =>
  (exchange, key) =>
    sendJson(exchange, 200, {
      object: 'list',
      data: catalog.models.filter((model) => mayUse(key, model)).map(entryOf),
    })

/** `GET /v1/models/{id}`, by id or alias; the id may hold slashes. */
export const getModel =
  (catalog: Catalog): KeyedHandler =>
  (exchange, key) => {
    const { model } = findModel(catalog, exchange.rest)
    requireUse(key, model)
    sayStandIn(exchange, model)
    sendJson(exchange, 200, entryOf(model))
  }

/** @throws ServeError `model-not-found` */
export function findModel(catalog: Catalog, name: string): { readonly model: Model; readonly alias?: Alias } {
  const found = catalog.find(name)
  if (found) return found
  const shown = name.length > 80 ? `${name.slice(0, 80).toWellFormed()}…` : name
  throw new ServeError({ code: 'model-not-found', message: `Model Not Exist: '${shown}'`, param: 'model' })
}

const mayUse = (key: Key, model: Model): boolean => key.settings.models?.includes(model.id) ?? true

/** @throws ServeError `permission-denied` */
export function requireUse(key: Key, model: Model): void {
  if (mayUse(key, model)) return
  const message = `This API key may not use the model '${model.id}'.`
  throw new ServeError({ code: 'permission-denied', message, param: 'model' })
}

/** The union of what an OpenAI client and a DeepSeek client look for (contract C108). */
function entryOf(model: Model) {
  return {
    id: model.id,
    object: 'model',
    created,
    owned_by: 'tidegate',
    supported_endpoint_types: ['openai'],
    name: model.displayName,
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutput,
    input_modalities: ['text'],
    output_modalities: ['text'],
    effort: {
      supported_levels: model.canThink ? ['none', 'low', 'high', 'max'] : ['none'],
      default_level: model.canThink && model.thinkingByDefault ? 'high' : 'none',
    },
  }
}
