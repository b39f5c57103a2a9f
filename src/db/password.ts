/**
 * Password hashes: argon2id where this Node has it, else scrypt, each with the costs that OWASP names for it. The hash says how it was made, so that either is
 * checked wherever it can be. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
import * as crypto from "node:crypto";
import { promisify } from "node:util";

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const ARGON = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SCRYPT = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;

type Method = { readonly name: string; derive(password: string, salt: Buffer): Promise<Buffer> };

const scrypt = promisify<string, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt);

const byScrypt: Method = {
  name: `scrypt-${SCRYPT.N}-${SCRYPT.r}-${SCRYPT.p}`,
  derive: (password, salt) => scrypt(password, salt, HASH_BYTES, SCRYPT),
};

const byArgon: Method = {
  name: `argon2id-${ARGON.memory}-${ARGON.passes}-${ARGON.parallelism}`,
  derive: (password, salt) =>
    new Promise((resolve, reject) => {
      const parameters = { ...ARGON, message: password, nonce: salt, tagLength: HASH_BYTES };
      crypto.argon2("argon2id", parameters, (error, hash) => (error ? reject(error) : resolve(hash)));
    }),
};

const METHODS: readonly Method[] = "argon2" in crypto ? [byArgon, byScrypt] : [byScrypt];

/** `method$salt$hash`, in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const [method = byScrypt] = METHODS;
  const salt = crypto.randomBytes(SALT_BYTES);
  const hash = await method.derive(password, salt);
  return [method.name, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Takes as long for nobody's password as for somebody's. Throws when the hash was made in a way that this Node cannot follow. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [name = "", salt = "", hash = ""] = (stored ?? nobodys()).split("$");
  const method = METHODS.find((each) => each.name === name);
  if (!method) throw new Error(`This Node cannot check a password hash of the kind ${name}`);
  const given = await method.derive(password, Buffer.from(salt, "base64url"));
  const right = Buffer.from(hash, "base64url");
  return stored !== undefined && given.length === right.length && crypto.timingSafeEqual(given, right);
}

function nobodys(): string {
  return [METHODS[0]?.name, Buffer.alloc(SALT_BYTES).toString("base64url"), Buffer.alloc(HASH_BYTES).toString("base64url")].join("$");
}
