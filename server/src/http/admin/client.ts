/** Where a request of the console comes from, as far as that can be believed. */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'

export interface Client {
  /** By which guesses of passwords are counted. */
  readonly address: string
  /** The client speaks TLS with a proxy that we trust. */
  readonly https: boolean
}

/** @param proxies addresses and subnets (`10.0.0.0/8`) whose word counts: they say where a request came from, and how */
export function clientReader(proxies: readonly string[]): (request: IncomingMessage) => Client {
  const trusted = new BlockList()
  for (const entry of proxies) {
    const [address = '', bits] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

  return ({ socket, headers }) => {
    const peer = plain(socket.remoteAddress ?? '')
    if (!isTrusted(peer)) return { address: peer, https: false }
    // From the right: each proxy adds whom it saw; the first one that is no proxy of ours is the client.
    const hops = listIn(headers['x-forwarded-for']).map(plain)
    const address = hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? peer
    return { address, https: listIn(headers['x-forwarded-proto']).at(-1) === 'https' }
  }
}

const listIn = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** An IPv4 address that came in through an IPv6 socket. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 64)

/** Names of this machine: what browsers hold to be as safe as https. */
export const isLoopback = (host: string): boolean =>
  /^(?:[^/]+\.)?localhost$|^127(?:\.\d{1,3}){3}$|^\[::1\]$/i.test(host.replace(/:\d+$/, ''))
