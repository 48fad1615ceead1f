/** @returns `make`, which makes one thing for each key and keeps it as long as the key is there */
export function keptBy<Key extends object, Made extends object>(make: (key: Key) => Made): (key: Key) => Made {
  const kept = new WeakMap<Key, Made>()
  return (key) => {
    const found = kept.get(key)
    if (found) return found
    const made = make(key)
    kept.set(key, made)
    return made
  }
}
