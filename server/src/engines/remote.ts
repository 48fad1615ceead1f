import type { Piece } from '../completion/event.ts'
import { promptBound } from '../completion/prompt-bound.ts'
import type { Serve } from '../completion/serve.ts'
import type { Engine } from './engine.ts'
import { type RemoteKind, remoteKinds } from './kinds.ts'
import { chatEngine } from './openai-wire/engine.ts'
import type { Upstream } from './openai-wire/wire.ts'
import { type RawFace, type RawOptions, type RawSurroundings, rawFace } from './remote-raw/face.ts'
import { rawWires } from './remote-raw/wires.ts'

/** An engine behind HTTP, as it is configured. */
export interface RemoteConfig extends Upstream, RawOptions {
  readonly kind: RemoteKind
  /** Of the kinds that have two; `auto` takes the raw face where there is one. */
  readonly face?: 'auto' | 'chat' | 'raw'
}

/**
 * An engine behind HTTP, with the better of its faces. An engine that cannot be reached keeps nothing from starting: it begins with its
 * chat face, and changes when its raw face was found.
 * @throws Error with one line for the operator when something that he gave cannot be read
 */
export async function remoteEngine(config: RemoteConfig, surroundings: RawSurroundings): Promise<Engine> {
  const { kind, face = 'auto' } = config
  const wire = rawWires[kind]
  const chat = chatEngine(remoteKinds[kind], config, surroundings)
  if (!wire || face === 'chat') return chat
  const raw = await rawFace(wire, config, surroundings)
  return face === 'raw'
    ? twoFaced(raw, unready(chat), () => raw.engine)
    : twoFaced(raw, chat, () => (raw.missing ? undefined : raw.engine))
}

/** One engine over both faces. @param better the raw face, when it is to be used: then for all that it does */
function twoFaced(raw: RawFace, other: Engine, better: () => Engine | undefined): Engine {
  const current = () => better() ?? other
  /** The face that has said something of an answer. */
  let answered: Engine | undefined
  const proven = () => answered === current()
  const sized = () => (proven() ? current() : other)
  const serve: Serve = async (request, call, tell) => {
    const face = current()
    /** That a prompt fits is said before anybody knows whether the face is there. */
    let held: Piece | undefined
    let said = false
    const say = () => {
      if (held && !said) tell(held)
      said = true
    }
    const ending = await face.serve(request, call, (piece) => {
      if (piece.type === 'started') {
        held = piece
        return
      }
      say()
      answered = face
      tell(piece)
    })
    if (ending.type === 'failed' && !said && face !== current()) return current().serve(request, call, tell)
    say()
    if (ending.type === 'finished') answered = face
    return ending
  }
  return {
    id: other.id,
    get facts() {
      return current().facts
    },
    get face() {
      return current() === other ? 'chat' : 'raw'
    },
    get slots() {
      return current().slots
    },
    ready: () => current().ready(),
    serve,
    fits: async (request, call) => current().fits?.(request, call),
    // Until the raw face has answered once, nobody knows whether it will, or the other one, which has the server's own template.
    get promptWriter() {
      return proven() ? current().promptWriter : undefined
    },
    promptTokensMax: (request) => sized().promptTokensMax?.(request) ?? promptBound(request),
    countPrompt: async (request, signal) => sized().countPrompt?.(request, signal),
    continues: (draft) => current().continues?.(draft) ?? false,
    ...(other.probe && { probe: other.probe }),
    close: async () => {
      await Promise.all([raw.close(), other.close()])
    },
  }
}

/** A chat face that the operator does not want: nobody answers until the raw face is there. */
const unready = (chat: Engine): Engine => ({
  ...chat,
  ready: () => false,
  serve: async () => ({
    type: 'failed',
    failure: { code: 'engine-unavailable', message: 'The engine is not there yet.', retryAfterSeconds: 5 },
  }),
})
