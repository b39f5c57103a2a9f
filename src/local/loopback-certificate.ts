import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A private key and its certificate, both PEM. */
export type LoopbackCertificate = { readonly key: string; readonly cert: string };

// DER, the encoding of X.509: tag, length, content. Only what a self-signed certificate needs. RFC 5280 section 4.1.
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const utcTime = (at: Date) => der(0x17, Buffer.from(`${at.toISOString().replace(/\D/g, "").slice(2, 14)}Z`));

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("localhost")))));
const ALTERNATIVE_NAMES = sequence(
  oid("551d11"),
  der(0x04, sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1])))),
);

/**
 * Makes a self-signed certificate (ECDSA P-256) for `localhost` and 127.0.0.1, good for one day either side of now unless told otherwise: an `until` in the
 * past makes an expired one. Years 1950 to 2049.
 */
export function createLoopbackCertificate({
  from = new Date(Date.now() - 86_400_000),
  until = new Date(Date.now() + 86_400_000),
}: {
  readonly from?: Date;
  readonly until?: Date;
} = {}): LoopbackCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  // A leading 01 keeps the number positive and without a superfluous zero.
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const validity = sequence(utcTime(from), utcTime(until));
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const extensions = der(0xa3, sequence(ALTERNATIVE_NAMES));
  const toSign = sequence(version, serial, ECDSA_WITH_SHA256, COMMON_NAME, validity, COMMON_NAME, subjectKey, extensions);
  const signature = der(0x03, Buffer.from([0]), sign("sha256", toSign, privateKey));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: toPem(sequence(toSign, ECDSA_WITH_SHA256, signature)),
  };
}

function toPem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}
