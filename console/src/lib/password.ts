const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Twenty letters that cannot be taken for one another: some 115 bits. */
export function newPassword(): string {
  const values = crypto.getRandomValues(new Uint32Array(20))
  return [...values].map((value) => letters[value % letters.length]).join('')
}
