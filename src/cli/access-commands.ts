/** `afterglow staff …` and `afterglow apikey …` */
import { type Command, Option } from "commander";
import type { Role } from "../domain/roles.ts";
import { declare, end } from "./declare.ts";
import type { MakeKeyFlags, OfClinic, StaffFlags } from "./change-access.ts";

/** As `ROLES` of the domain, which a command loads only when it runs; a test compares the two. */
export const ROLE_WORDS = ["viewer", "front-desk", "nurse", "clinician", "admin", "auditor"] as const satisfies readonly Role[];

const atClinic = (command: Command) => command.requiredOption("--clinic <slug>", "the clinic");
const asked = (command: Command) => command.option("--actor <name>", "who asks, for the audit").option("--json", "print one object");
const roleOption = () => new Option("--role <role>", "what they do there").choices(ROLE_WORDS).makeOptionMandatory();

export function declareAccessCommands(program: Command): void {
  declareStaff(program);
  declareKeys(program);
}

function declareStaff(program: Command): void {
  const staff = declare(program, {
    usage: "staff",
    does: "Who works at a clinic and signs in to the console and the API",
    examples: ['staff add maria --name "Maria Lopez" --clinic aspen-ridge --role front-desk', "staff list --clinic aspen-ridge"],
  });
  const add = declare(staff, {
    usage: "add <login>",
    does: "Add somebody, or give somebody of the group a place here; prints a password to hand over, with which they choose their own within a week",
    examples: [
      'staff add maria --name "Maria Lopez" --clinic aspen-ridge --role front-desk',
      'staff add lena@aspen-ridge.example.org --name "Lena Ortiz" --clinic aspen-ridge --role clinician',
    ],
  });
  asked(atClinic(add).requiredOption("--name <name>", "as colleagues know them").addOption(roleOption())).action(
    async (login: string, flags: StaffFlags & { name: string; role: Role }) =>
      end(await (await import("./change-access.ts")).addOne(login, flags)),
  );
  declare(staff, {
    usage: "list",
    does: "List everybody who works at a clinic",
    examples: ["staff list --clinic aspen-ridge", "staff list --clinic aspen-ridge --json"],
  })
    .requiredOption("--clinic <slug>", "the clinic")
    .option("--json", "print one object a person")
    .action(async (flags: OfClinic) => end(await (await import("./change-access.ts")).listEverybody(flags)));
  const role = declare(staff, {
    usage: "role <login>",
    does: "Give somebody another role at a clinic, or none any more; a repeat changes nothing",
    examples: ["staff role maria --clinic aspen-ridge --role nurse", "staff role maria --clinic aspen-ridge --role none"],
  });
  asked(
    atClinic(role).addOption(
      new Option("--role <role>", "the role from now on; none: they do not work here any more")
        .choices([...ROLE_WORDS, "none"])
        .makeOptionMandatory(),
    ),
  ).action(async (login: string, flags: StaffFlags & { role: Role | "none" }) =>
    end(await (await import("./change-access.ts")).changeOnesRole(login, flags)),
  );
  const reset = declare(staff, {
    usage: "reset-totp <login>",
    does: "For somebody who lost their phone or forgot their password: prints a password to set up anew with, and signs them out",
    examples: ["staff reset-totp maria --clinic aspen-ridge"],
  });
  asked(atClinic(reset)).action(async (login: string, flags: StaffFlags) =>
    end(await (await import("./change-access.ts")).resetOne(login, flags)),
  );
  const disable = declare(staff, {
    usage: "disable <login>",
    does: "From now on they sign in nowhere; nobody is deleted, because the audit names them",
    examples: ["staff disable maria --clinic aspen-ridge"],
  });
  asked(atClinic(disable)).action(async (login: string, flags: StaffFlags) =>
    end(await (await import("./change-access.ts")).disableOne(login, flags)),
  );
}

function declareKeys(program: Command): void {
  const keys = declare(program, {
    usage: "apikey",
    does: "Keys with which programs use the API",
    examples: ['apikey create ehr --clinic aspen-ridge --scopes "plans.read sessions.change"', "apikey list --clinic aspen-ridge"],
  });
  const create = declare(keys, {
    usage: "create <name>",
    does: "Make a key; its secret is printed once. Two of a name may be good at a time, so that one takes over from the other",
    examples: [
      'apikey create ehr --clinic aspen-ridge --scopes "plans.read sessions.change"',
      'apikey create ehr --clinic aspen-ridge --scopes "plans.read" --days 30 --json',
    ],
  });
  asked(
    atClinic(create)
      .requiredOption("--scopes <words>", "what it may do, with spaces between (an unknown word lists them; so does /docs)")
      .option("--days <number>", "how long it is good", "90"),
  ).action(async (name: string, flags: MakeKeyFlags) => end(await (await import("./change-access.ts")).makeKey(name, flags)));
  declare(keys, {
    usage: "list",
    does: "List the keys of a clinic's programs",
    examples: ["apikey list --clinic aspen-ridge", "apikey list --clinic aspen-ridge --json"],
  })
    .requiredOption("--clinic <slug>", "the clinic")
    .option("--json", "print one object a key")
    .action(async (flags: OfClinic) => end(await (await import("./change-access.ts")).listKeys(flags)));
  const revoke = declare(keys, {
    usage: "revoke <id>",
    does: "A key opens nothing any more; a repeat changes nothing",
    examples: ["apikey revoke key_0197c3a4-5a1e-7c00-8f00-0123456789ab"],
  });
  asked(revoke).action(async (id: string, flags: { actor?: string; json?: true }) =>
    end(await (await import("./change-access.ts")).revokeOne(id, flags)),
  );
}
