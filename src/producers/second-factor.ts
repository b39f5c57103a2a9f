/** The second factor of staff: a code of six digits that an app computes from a shared secret and the time (RFC 6238), each taken once. */
import { Secret, TOTP } from "otpauth";
import { type Database, type Tx } from "../db/database.ts";
import { offerTotp, type StoredStaff, takeTotpStep } from "../db/staff.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;

export type TotpOffer = {
  /** For a picture that the app reads. */
  readonly url: string;
  /** For typing. */
  readonly secret: string;
};

function place({ id }: Pick<StoredStaff, "id">) {
  return { table: "staff", column: "totp_sealed", row: id };
}

/** Makes a secret to be tied to somebody's app, in place of one that was offered before. */
export async function offerSecondFactor(tx: Tx, staff: StoredStaff, vault: Vault): Promise<TotpOffer> {
  const secret = new Secret({ size: SECRET_BYTES });
  await offerTotp(tx, staff.id, vault.seal(secret.base32, place(staff)));
  return showSecondFactor(staff, secret.base32);
}

/** A secret that was offered, once more: somebody whose code was wrong looks at it again. */
export function showSecondFactor({ login }: Pick<StoredStaff, "login">, secret: string): TotpOffer {
  const url = new TOTP({ issuer: "Afterglow", label: login, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS }).toString();
  return { url, secret };
}

/** Uses a code up. False when it is wrong, of another time (one step of 30 s either way is borne with), or was used. */
export async function takeCode(
  db: Database,
  staff: StoredStaff,
  { code, now, vault }: { code: string; now: Instant; vault: Vault },
): Promise<boolean> {
  if (!staff.totpSealed || !/^\d{6}$/.test(code)) return false;
  const secret = Secret.fromBase32(vault.open(staff.totpSealed, place(staff)));
  const delta = TOTP.validate({ token: code, secret, timestamp: now, window: 1, period: PERIOD_SECONDS });
  return delta !== null && takeTotpStep(db, staff.id, Math.floor(now / 1_000 / PERIOD_SECONDS) + delta);
}
