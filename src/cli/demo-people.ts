/** Whose phone and mailbox the demo's page shows: the patients of the play, who takes them home, and the staff who are paged. */
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import { firstNameOf } from "./demo-happening.ts";

export type DemoPerson = {
  /** Part of addresses on the page: `ana`, `escort-ana`, `on-call`. */
  readonly key: string;
  readonly name: string;
  readonly role: "patient" | "driver" | "staff";
  /** E.164; the first is the one they write from. */
  readonly phones: readonly string[];
  readonly addresses: readonly string[];
};

/** In the order of the requests; a person without phone and address is left out. Staff stand last, as one: whoever is on duty has the phone. */
export function listPeople(requests: readonly EnqueueRequest[], { safety }: Pick<ClinicSettings, "safety">): DemoPerson[] {
  const people = requests.flatMap(({ externalId, patient }): DemoPerson[] => {
    const key = (externalId ?? firstNameOf(patient.name)).replace(/^demo-/, "");
    const { escort } = patient;
    return [
      { key, name: patient.name, role: "patient", ...reachOf(patient) },
      ...(escort
        ? [{ key: `escort-${key}`, name: `${escort.name} for ${firstNameOf(patient.name)}`, role: "driver", ...reachOf(escort) } as const]
        : []),
    ];
  });
  const staff: DemoPerson = {
    key: "on-call",
    name: "Staff on duty",
    role: "staff",
    phones: safety.roster.flatMap(({ phone }) => phone ?? []),
    addresses: safety.roster.flatMap(({ email }) => email ?? []),
  };
  return [...people, staff].filter(({ phones, addresses }) => phones.length + addresses.length > 0);
}

function reachOf({ phone, email }: { readonly phone: string | null; readonly email: string | null }) {
  return { phones: phone === null ? [] : [phone], addresses: email === null ? [] : [email] };
}
