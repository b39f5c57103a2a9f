/** Whether a request says the same of a person as what is stored under the chart number; every difference is a fault, because the file may be about somebody else. */
import { z } from "zod";
import type { SealedPatient } from "../db/people.ts";
import type { Vault } from "../db/vault.ts";
import { formatDay, formatWallClock, wallClock } from "../domain/calendar.ts";
import type { PatientRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";

/** Only what the request says is compared: a field it leaves out keeps what is stored. */
export function compareContact(request: PatientRequest, stored: SealedPatient, vault: Vault): Fault[] {
  const open = (table: "patients" | "escorts", column: string, sealed: Buffer | null) =>
    sealed === null ? null : vault.open(sealed, { table, column, row: stored.id });
  const pairs: [path: string, said: string | null, known: string | null][] = [
    ["patient.name", request.name, open("patients", "name_sealed", stored.nameSealed)],
    ["patient.phone", request.phone, open("patients", "phone_sealed", stored.phoneSealed)],
    ["patient.email", request.email, open("patients", "email_sealed", stored.emailSealed)],
    [
      "patient.birthDate",
      request.birthDate === null ? null : formatDay(request.birthDate),
      open("patients", "birth_date_sealed", stored.birthDateSealed),
    ],
    ["patient.address", request.address, open("patients", "address_sealed", stored.addressSealed)],
    [
      "patient.emergencyContact",
      request.emergencyContact && sayContact(request.emergencyContact),
      readContact(open("patients", "emergency_contact_sealed", stored.emergencyContactSealed)),
    ],
    ["patient.quietHours", request.quietHours && sayHours(request.quietHours), sayHours({ from: stored.quietFrom, to: stored.quietTo })],
    ["patient.zone", request.zone, stored.zone],
    ["patient.locale", request.locale, stored.locale],
  ];
  if (request.escort && stored.escortNameSealed)
    pairs.push(
      ["patient.escort.name", request.escort.name, open("escorts", "name_sealed", stored.escortNameSealed)],
      ["patient.escort.phone", request.escort.phone, open("escorts", "phone_sealed", stored.escortPhoneSealed)],
      ["patient.escort.email", request.escort.email, open("escorts", "email_sealed", stored.escortEmailSealed)],
    );
  return pairs.flatMap(([path, said, known]) =>
    said === null || said === known
      ? []
      : [
          {
            path,
            value: said,
            expected: `${known ?? "nothing"}, as stored for this chart number${VERB.get(path) ?? ""}`,
          },
        ],
  );
}

const contactColumn = z.object({ name: z.string(), phone: z.string(), relation: z.string().nullable() });

function readContact(stored: string | null): string | null {
  return stored === null ? null : sayContact(contactColumn.parse(JSON.parse(stored)));
}

function sayContact({ name, phone, relation }: z.output<typeof contactColumn>): string {
  return relation === null ? `${name}, ${phone}` : `${name}, ${phone}, ${relation}`;
}

function sayHours({ from, to }: { from: number; to: number }): string {
  return [from, to].map((minutes) => formatWallClock(wallClock(minutes))).join("-");
}

/** With which each can be changed. */
const VERB = new Map([
  ["patient.phone", " (afterglow patient contact changes it)"],
  ["patient.email", " (afterglow patient contact changes it)"],
  ["patient.escort.phone", " (afterglow patient escort changes it)"],
  ["patient.escort.email", " (afterglow patient escort changes it)"],
]);
