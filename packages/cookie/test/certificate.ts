// A self-signed certificate, made new for each run: enough X.509 (RFC 5280 §4.1) for a browser that is told to accept it.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A key and its certificate for an https server of a test. */
export function selfSigned(host: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
  // id-at-commonName 2.5.4.3
  const name = sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(host)))))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('490101000000Z')))
  // id-ce-subjectAltName 2.5.29.17, a dNSName
  const alternative = der(0x04, sequence(der(0x82, Buffer.from(host))))
  const extensions = der(0xa3, sequence(sequence(Buffer.from('0603551d11', 'hex'), alternative)))
  const serial = der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)]))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    Buffer.from('a003020102', 'hex'),
    serial,
    ecdsaWithSha256,
    name,
    validity,
    name,
    key,
    extensions,
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const text = sequence(body, ecdsaWithSha256, signature)
    .toString('base64')
    .replace(/.{64}(?!$)/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
  }
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content])
}
