/** A map of at most `size` entries that forgets the one unused for longest. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
}

export function createLru<V>(size: number): Lru<V> {
  const entries = new Map<string, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= size) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
  }
}
