/** `staff add|list|role|reset-totp|disable` and `apikey create|list|revoke`. */
import { machineNow } from "../clock.ts";
import { listApiKeys } from "../db/api-keys.ts";
import type { StoredClinic } from "../db/clinics.ts";
import { listStaff } from "../db/staff.ts";
import type { StoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { parseLogin } from "../domain/parse-login.ts";
import { isScope, type Role, SCOPES } from "../domain/roles.ts";
import { LONGEST_DAYS, makeApiKey, revokeKey } from "../producers/change-api-keys.ts";
import { addStaff, changeRole, disableSignIn, resetSignIn, type StaffChanged } from "../producers/change-staff.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type OfClinic = { readonly clinic: string; readonly json?: true };
export type StaffFlags = OfClinic & { readonly actor?: string };
export type MakeKeyFlags = StaffFlags & { readonly scopes: string; readonly days: string };

type At = { readonly store: StoreDeps; readonly clinic: StoredClinic };

function atClinic<Result>({ clinic: slug }: OfClinic, run: (at: At) => Promise<Result>): Promise<Result> {
  return withStore(async (store) => run({ store, clinic: await getClinic(store.db, slug) }));
}

function readLogin(text: string): string {
  const login = parseLogin(text);
  if (!login.ok) throw new UsageError(`${text}: expected ${login.expected}.`);
  return login.value;
}

function endStaff<Value extends object>(
  result: StaffChanged<Value>,
  { json }: { json?: true | undefined },
  sayIt: (value: Value) => string,
): ExitCode {
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson(result.kind === "same" ? result : { kind: result.kind, ...result.value });
  else print(result.kind === "same" ? "That is how it is already; nothing was stored." : sayIt(result.value));
  return EXIT.done;
}

const HAND_OVER = "Hand this over in person; it is shown only now, is good for a week, and only for choosing a password and tying an app:";

export async function addOne(text: string, { name: words, role, ...flags }: StaffFlags & { name: string; role: Role }): Promise<ExitCode> {
  const name = parseLine(words, { most: 100 });
  if (!name.ok) throw new UsageError(`--name: expected ${name.expected}.`);
  const adding = { login: readLogin(text), name: name.value, role, actor: toActor(flags.actor), now: machineNow() };
  const result = await atClinic(flags, ({ store, clinic }) => addStaff(store.db, clinic, adding));
  return endStaff(result, flags, ({ login, password }) =>
    password === null
      ? `${login} is ${role} at ${flags.clinic} from now on, and signs in as before.`
      : `${login} is ${role} at ${flags.clinic}. ${HAND_OVER}\n${paint.bold(password)}`,
  );
}

export async function listEverybody(flags: OfClinic): Promise<ExitCode> {
  const people = await atClinic(flags, ({ store, clinic }) => listStaff(store.db, clinic.id));
  const standing = ({ disabledAt, hasSetUp }: (typeof people)[number]) => (disabledAt ? "disabled" : hasSetUp ? "" : "has not set up yet");
  if (flags.json)
    for (const { id, disabledAt, seenAt, ...person } of people)
      printJson({
        staff: toPublicId("staff", id),
        ...person,
        disabledAt: disabledAt && formatInstant(disabledAt),
        seenAt: seenAt && formatInstant(seenAt),
      });
  else if (people.length === 0) print(`Nobody works at ${flags.clinic} yet (afterglow staff add).`);
  else for (const line of toTable(people.map((person) => [person.login, person.role, person.name, standing(person)]))) print(line);
  return EXIT.done;
}

export async function changeOnesRole(text: string, { role, ...flags }: StaffFlags & { role: Role | "none" }): Promise<ExitCode> {
  const login = readLogin(text);
  const result = await atClinic(flags, ({ store, clinic }) =>
    changeRole(store.db, { login, clinicId: clinic.id, actor: toActor(flags.actor) }, role === "none" ? null : role),
  );
  return endStaff(
    result,
    flags,
    ({ role: now, before }) => `${login} is ${now ?? "nothing"} at ${flags.clinic} from now on, and was ${before}.`,
  );
}

export async function resetOne(text: string, flags: StaffFlags): Promise<ExitCode> {
  const login = readLogin(text);
  const of = (at: At) => ({ login, clinicId: at.clinic.id, actor: toActor(flags.actor) });
  const result = await atClinic(flags, (at) => resetSignIn(at.store.db, of(at), machineNow()));
  return endStaff(result, flags, ({ password }) => `${login} is signed out everywhere. ${HAND_OVER}\n${paint.bold(password)}`);
}

export async function disableOne(text: string, flags: StaffFlags): Promise<ExitCode> {
  const login = readLogin(text);
  const result = await atClinic(flags, ({ store, clinic }) =>
    disableSignIn(store.db, { login, clinicId: clinic.id, actor: toActor(flags.actor) }),
  );
  return endStaff(result, flags, ({ signedOut }) => `${login} signs in nowhere any more; ${signedOut} of their sessions ended.`);
}

export async function makeKey(text: string, { scopes: words, days: length, ...flags }: MakeKeyFlags): Promise<ExitCode> {
  const name = parseLine(text, { most: 60 });
  if (!name.ok) throw new UsageError(`${text}: expected ${name.expected}.`);
  const scopes = words.split(/[\s,]+/).filter(Boolean);
  const unknown = scopes.filter((scope) => !isScope(scope));
  if (scopes.length === 0 || unknown.length > 0)
    throw new UsageError(`--scopes ${unknown.join(" ")}: expected some of ${SCOPES.join(", ")}.`);
  const days = /^\d{1,3}$/.test(length) ? Number(length) : 0;
  if (days < 1 || days > LONGEST_DAYS) throw new UsageError(`--days ${length}: expected a whole number from 1 to ${LONGEST_DAYS}.`);
  const making = { name: name.value, scopes: scopes.filter(isScope), days, actor: toActor(flags.actor), now: machineNow() };
  const made = await atClinic(flags, ({ store, clinic }) => makeApiKey(store.db, { ...making, clinicId: clinic.id }));
  if (made.kind === "refused") throw new Refusal(made.faults);
  const { key, secret, expiresAt } = made;
  if (flags.json) printJson({ key, name: made.name, secret, expiresAt: formatInstant(expiresAt) });
  else {
    say(`${key} is good until ${formatInstant(expiresAt).slice(0, 10)}. Its secret is shown only now:`);
    print(secret);
  }
  return EXIT.done;
}

export async function listKeys(flags: OfClinic): Promise<ExitCode> {
  const { keys, now } = await atClinic(flags, async ({ store, clinic }) => ({
    keys: await listApiKeys(store.db, clinic.id),
    now: machineNow(),
  }));
  const standing = ({ revokedAt, expiresAt }: (typeof keys)[number]) => (revokedAt ? "revoked" : expiresAt <= now ? "has run out" : "good");
  if (flags.json)
    for (const { id, createdAt, expiresAt, revokedAt, lastUsedAt, ...key } of keys)
      printJson({
        key: toPublicId("api-key", id),
        ...key,
        createdAt: formatInstant(createdAt),
        expiresAt: formatInstant(expiresAt),
        revokedAt: revokedAt && formatInstant(revokedAt),
        lastUsedAt: lastUsedAt && formatInstant(lastUsedAt),
      });
  else if (keys.length === 0) print(`${flags.clinic} has given no program a key (afterglow apikey create).`);
  else
    for (const line of toTable(
      keys.map((key) => [
        toPublicId("api-key", key.id),
        key.name,
        standing(key),
        `until ${formatInstant(key.expiresAt).slice(0, 10)}`,
        key.lastUsedAt ? `used ${formatInstant(key.lastUsedAt).slice(0, 16)}` : "never used",
        key.scopes.join(" "),
      ]),
    ))
      print(line);
  return EXIT.done;
}

export async function revokeOne(text: string, { actor, json }: { actor?: string; json?: true }): Promise<ExitCode> {
  const id = parsePublicId("api-key", text);
  if (!id) throw new UsageError(`${text}: expected the id of a key, such as key_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  const done = await withStore(({ db }) => revokeKey(db, id, toActor(actor)));
  if (done.kind === "refused") throw new Refusal(done.faults);
  if (json) printJson(done);
  else print(done.kind === "same" ? "That is how it is already; nothing was stored." : `${done.key} opens nothing any more.`);
  return EXIT.done;
}
