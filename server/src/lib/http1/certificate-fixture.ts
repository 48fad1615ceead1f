import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

/** Node signs, but makes no certificates, and not every machine has `openssl`: the few fields that are needed, in DER (RFC 5280). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([Buffer.from(size < 128 ? [tag, size] : [tag, 0x82, size >> 8, size & 255]), ...parts])
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const hex = (digits: string) => Buffer.from(digits, 'hex')

/** A key and the certificate that it signed itself, for `localhost` and 127.0.0.1, in PEM. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const version3 = hex('a003020102')
  const serial = hex('020101')
  const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'))
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from('a test')))))
  const always = sequence(...['20000101000000Z', '21000101000000Z'].map((at) => der(0x18, Buffer.from(at))))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const altNames = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = der(0xa3, sequence(sequence(hex('0603551d11'), der(0x04, altNames))))
  const signed = sequence(version3, serial, ecdsaWithSha256, name, always, name, key, extensions)
  const signature = der(0x03, hex('00'), sign('sha256', signed, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(sequence(signed, ecdsaWithSha256, signature)).toString(),
  }
}
