/** The text of an API key: how it is made, what of it may be shown, and how an `Authorization` header carries it. */
import { randomInt } from 'node:crypto'
import { ServeError } from '../completion/failure.ts'

const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** @returns the prefix and 48 random letters and digits, about 285 bits */
export const makeSecretKey = (prefix = 'sk-'): string =>
  `${prefix}${Array.from({ length: 48 }, () => base62[randomInt(base62.length)]).join('')}`

/** What a bearer token can look like; a longer or stranger one is wrong without a look-up. */
const tokenShape = /^[\x21-\x7e]{1,512}$/

/** What may be shown of a key. A short one, which only an operator can have chosen, shows less. */
export function displayOf(token: string): { prefix: string; lastFour: string } {
  return { prefix: token.length >= 24 ? token.slice(0, 7) : '', lastFour: token.length >= 8 ? token.slice(-4) : '' }
}

export const looksLikeKey = (token: string): boolean => tokenShape.test(token)

/** @throws ServeError unauthenticated when the header is absent, or carries no token that could be a key (contract C2, T2) */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') throw unauthenticated('No token provided')
  const [scheme = '', token = ''] = authorization.trim().split(/[ \t]+/, 2)
  if (scheme.toLowerCase() !== 'bearer')
    throw unauthenticated("The Authorization header must be 'Bearer' and an API key.")
  if (token === '') throw unauthenticated('No token provided')
  const rest = authorization.trim().slice(scheme.length).trim()
  if (rest !== token || !looksLikeKey(token)) throw invalidKey('')
  return token
}

/** The one answer for unknown, revoked and expired keys (contract T3, T4): at most the last four characters are told. */
export const invalidKey = (token: string): ServeError =>
  unauthenticated(`Authentication Fails, Your api key: ****${displayOf(token).lastFour} is invalid`)

/** Who has the secret may know why it does not work, and whom to ask. */
export const projectArchived = (): ServeError =>
  unauthenticated('The project of this API key is archived. Ask whoever administers it to restore the project.')

const unauthenticated = (message: string) => new ServeError({ code: 'unauthenticated', message })
