/**
 * The child process: the model lives and, should native code fail, dies here. It is told what to do over IPC, computes, and
 * reports; it reads no configuration and writes no log of its own.
 */
import { flushCompileCache } from 'node:module'
import { collectLitter } from './litter.ts'
import { type Opened, openModel, RefusedModel } from './open-model.ts'
import type { FromChild, ToChild } from './protocol.ts'
import { Scheduler } from './scheduler.ts'

/** Ends without destructors: they could hang or crash in native code, and there is nothing to save. */
const die = () => process.kill(process.pid, 'SIGKILL')

const send = (message: FromChild) => {
  if (process.connected) process.send?.(message)
}
const log = (level: 'warn' | 'error', text: string) => send({ type: 'log', level, text: text.slice(0, 500) })

// A terminal sends its interrupt to all processes: this one works on until the server has drained and closes it.
process.on('SIGINT', () => {})
// Who is told to end says so; the server sees to it that what it works on goes on elsewhere, and ends it then.
process.on('SIGTERM', () => send({ type: 'leaving' }))
// The server is gone, however that came about.
process.on('disconnect', die)

let scheduler: Scheduler | undefined

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'ping':
      send({ type: 'alive' })
      break
    case 'load':
      openModel(message.options, log).then(
        (opened) => start(opened, message.options.prefillTokens),
        (error: unknown) => {
          if (error instanceof RefusedModel) send({ type: 'refused', message: error.message })
          else {
            log('error', error instanceof Error ? error.message : String(error))
            setImmediate(die)
          }
        },
      )
      break
    case 'generate':
      scheduler?.submit(message.id, message.namespace, message.generation)
      break
    case 'count':
      scheduler?.count(message.id, message.prompt)
      break
    case 'cancel':
      scheduler?.cancel(message.id)
      break
    case 'consumed':
      scheduler?.consumed(message.id, message.events)
      break
    default:
      message satisfies never
  }
})

function start(opened: Opened, prefillTokens: number): void {
  collectLitter()
  scheduler = new Scheduler(
    opened,
    prefillTokens,
    (events) => send({ type: 'step', events }),
    (text) => log('error', text),
  )
  scheduler.run().catch((error: unknown) => {
    log('error', error instanceof Error ? error.message : String(error))
    setImmediate(die)
  })
  send({ type: 'loaded', facts: opened.facts, slots: opened.slots })
  // Its end is a kill, and then nothing would be written for the next one to start sooner.
  setImmediate(flushCompileCache)
}
