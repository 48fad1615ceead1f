/** A map that forgets what was unused for long: it keeps the latest `size` entries, and at most as many older ones. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
}

/**
 * Two generations: where the younger is full, it becomes the older one, and what that had goes. Moving each used entry to the end of one
 * map would give up a table every few requests (see `roster.ts`).
 */
export function createLru<V>(size: number): Lru<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  const set = (key: string, value: V) => {
    if (young.size >= size && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
  }
}
