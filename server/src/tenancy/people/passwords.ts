/** Passwords of people: Argon2id, so that who steals the database cannot guess them in bulk. */
import { argon2, type KeyObject, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { subkey } from '../../storage/secret.ts'

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Takes as long whether somebody has this password or nobody has: `known` is undefined for a name that is not there.
   * @throws TooMany when so many wait for their turn that another would wait too long
   */
  matches(password: string, known: string | undefined): Promise<boolean>
}

export class TooMany extends Error {}

/** 19 MiB and two passes: some 40 ms of one core. KiB. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32
/** One after the other: a flood of sign-ins costs one core, and the threads that files and names are looked up with stay free. */
const waitingMax = 16

/** @param secret of the server: hashes are of no use without it */
export function createPasswords(secret: KeyObject): Passwords {
  const pepper = subkey(secret, 'passwords').export()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    waiting++
    const mine = last.then(work).finally(() => waiting--)
    last = mine.catch(() => undefined)
    return mine
  }

  const derive = (password: string, nonce: Uint8Array, { memory, passes, parallelism }: typeof cost) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const message = password.normalize('NFC')
    argon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength, secret: pepper }, (error, tag) =>
      error ? reject(error) : resolve(tag),
    )
    return promise
  }

  /** What a password is compared with where nobody has one: no password gives it. */
  const nobody = written(cost, Buffer.alloc(16), Buffer.alloc(tagLength))

  return {
    hash: (password) =>
      inTurn(async () => {
        const nonce = randomBytes(16)
        return written(cost, nonce, await derive(password, nonce, cost))
      }),

    async matches(password, known) {
      if (waiting >= waitingMax) throw new TooMany()
      const { nonce, tag, ...how } = read(known ?? nobody)
      const found = await inTurn(() => derive(password, nonce, how))
      return timingSafeEqual(found, tag) && known !== undefined
    },
  }
}

/** The usual form: `$argon2id$v=19$m=19456,t=2,p=1$nonce$tag`. */
const written = ({ memory, passes, parallelism }: typeof cost, nonce: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

function read(text: string) {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(text)
  if (!found) throw new Error('A password is not stored as it should be.')
  const [, memory, passes, parallelism, nonce = '', tag = ''] = found
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

/** Letters and digits that nobody takes for one another. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** @returns 20 characters, some 115 bits */
export const makePassword = (): string =>
  Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join('')
