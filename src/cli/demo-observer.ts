/** Reads what has happened since the last look: touchpoints that ended, tasks that were opened, facts that were recorded. */
import type { Database } from "../db/database.ts";
import { readZone } from "../db/clinics.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Happening, Person } from "./demo-happening.ts";
import { describeFact, describeMail, describeTask, describeText, describeUnsaid } from "./demo-phrases.ts";
import type { Post } from "./demo-post.ts";
import { type EndedRow, findEnded, findFacts, findTasks, readLook } from "./demo-rows.ts";

export type Cast = ReadonlyMap<PatientId, Person>;

export type Observer = {
  /** In the order in which it happened, all of it at `now`; call it while the clock stands and nothing is in flight. */
  look(now: Instant): Promise<Happening[]>;
};

type Watching = { readonly cast: Cast; readonly post: Post; readonly clinic: { readonly name: string; readonly zone: Zone } };

export function observe(db: Database, { cast, post, clinic }: Watching): Observer {
  const since = { touchpoint: "-infinity", event: 0, lookedAt: "-infinity", seenTasks: new Set<string>() };
  const personOf = (id: PatientId | null): Person => (id && cast.get(id)) ?? EVERYBODY;
  return {
    look: async (now) => {
      await post.collect();
      const looksAt = await readLook(db);
      const [facts, ended, tasks] = await Promise.all([
        findFacts(db, { after: since.event, lookedAt: since.lookedAt }),
        findEnded(db, since.touchpoint),
        findTasks(db, now),
      ]);
      since.lookedAt = looksAt;
      since.event = facts.at(-1)?.id ?? since.event;
      since.touchpoint = ended.at(-1)?.endedAtText ?? since.touchpoint;
      const fresh = tasks.filter(({ id }) => !since.seenTasks.has(id));
      for (const { id } of fresh) since.seenTasks.add(id);
      return [
        ...facts.map((row) => ({
          at: now,
          zone: clinic.zone,
          ...describeFact(row, { person: personOf(row.patientId), zone: clinic.zone }),
        })),
        ...ended.map((row) => ({
          at: now,
          zone: readZone(row.zone),
          ...describeEnd(row, { post, clinic, person: personOf(row.patientId) }),
        })),
        ...fresh.map((row) => ({ at: now, zone: clinic.zone, ...describeTask(row, personOf(row.patientId)) })),
      ];
    },
  };
}

/** Whom a fact about the clinic concerns. */
const EVERYBODY: Person = { patient: "everybody", escort: null };

function describeEnd(row: EndedRow, { post, clinic, person }: { post: Post; clinic: { name: string }; person: Person }) {
  if (row.state !== "sent") return describeUnsaid(row, person);
  if (row.channel === "email") return describeMail(row, { mail: post.findMail(row.id), person });
  return describeText(row, { body: post.findText(row.providerMessageId), person, clinicName: clinic.name });
}
