/** Values that lie elsewhere and may change there: kept here for as long as they are in use, never older than a bound. */

/** What is older is not told. With the time that a change takes to be seen it makes less than a second. */
const freshMs = 900
/** How often all that is in use is read again, in one question. */
const refreshMs = 400
/** What was not asked for during so long is let go of. */
const idleMs = 30_000
const entriesMax = 10_000

export interface Fresh<Value> {
  /** @returns at once what is known and fresh; else what the reading gives @throws (rejects) when that fails */
  get(id: string): Value | undefined | Promise<Value | undefined>
  /** Something was changed here: what was read before is not told any more. */
  forget(): void
  close(): void
}

interface Known<Value> {
  readonly value: Value | undefined
  /** When it was asked for: the value is at least as new. */
  readonly readAt: number
  usedAt: number
}

/**
 * @param read all of these at once; those that are not there are absent in what it gives, and not read again until asked for
 * @param now milliseconds of a clock that never jumps
 */
export function createFresh<Value>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  now: () => number = () => performance.now(),
): Fresh<Value> {
  const known = new Map<string, Known<Value>>()
  let forgottenAt = Number.NEGATIVE_INFINITY
  /** Asked for in this turn of the event loop. */
  let asked: { readonly ids: Set<string>; readonly values: Promise<ReadonlyMap<string, Value>> } | undefined
  let refreshing = false
  let timer: NodeJS.Timeout | undefined

  const readNow = async (ids: readonly string[]): Promise<ReadonlyMap<string, Value>> => {
    const readAt = now()
    const values = await read(ids)
    if (readAt > forgottenAt)
      for (const id of ids) known.set(id, { value: values.get(id), readAt, usedAt: known.get(id)?.usedAt ?? readAt })
    for (const id of known.keys()) {
      if (known.size <= entriesMax) break
      known.delete(id)
    }
    return values
  }

  const ask = async (id: string): Promise<Value | undefined> => {
    if (!asked) {
      const ids = new Set<string>()
      const values = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        asked = undefined
        return readNow([...ids])
      })
      asked = { ids, values }
    }
    asked.ids.add(id)
    timer ??= setInterval(refresh, refreshMs).unref()
    return (await asked.values).get(id)
  }

  async function refresh() {
    if (refreshing) return
    const unusedSince = now() - idleMs
    for (const [id, { value, readAt, usedAt }] of known)
      if (usedAt < unusedSince || (value === undefined && readAt < now() - freshMs)) known.delete(id)
    const ids = [...known].flatMap(([id, { value }]) => (value === undefined ? [] : [id]))
    if (ids.length === 0) return
    refreshing = true
    // What cannot be read grows old.
    await readNow(ids).catch(() => undefined)
    refreshing = false
  }

  return {
    get(id) {
      const one = known.get(id)
      if (!one || now() - one.readAt > freshMs) return ask(id)
      one.usedAt = now()
      return one.value
    },
    forget() {
      forgottenAt = now()
      known.clear()
    },
    close: () => clearInterval(timer),
  }
}
