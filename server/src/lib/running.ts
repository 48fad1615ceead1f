/** How many are inside, by name; a name is forgotten with its last one. */
export function countRunning() {
  const running = new Map<string, number>()
  const of = (name: string) => running.get(name) ?? 0
  return {
    of,
    /** @returns how to leave, to be called once */
    enter(name: string): () => void {
      running.set(name, of(name) + 1)
      return () => {
        const left = of(name) - 1
        if (left > 0) running.set(name, left)
        else running.delete(name)
      }
    },
  }
}
