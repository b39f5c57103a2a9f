/** Who works at the clinic and as what: add somebody, give another role, set a sign-in back, end it. Each asks for both factors. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { machineNow } from "../../clock.ts";
import { listStaff, type StaffView } from "../../db/staff.ts";
import { findClinicById } from "../../db/view-access.ts";
import type { Fault } from "../../domain/fault.ts";
import { toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { parseLogin } from "../../domain/parse-login.ts";
import { ROLES, type Role } from "../../domain/roles.ts";
import { addStaff, changeRole, disableSignIn, resetSignIn } from "../../producers/change-staff.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { csrfForm } from "./console-frame.ts";
import { notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { moment } from "./say-moment.ts";
import { inSettings, settingsAction } from "./settings-frame.ts";
import { askStepUp } from "./step-up.ts";

const LOOK = requirePermission("staff.read", { of: "clinic" });
const CHANGE = requirePermission("staff.change", { of: "clinic" });

type Params = { Params: { clinic: string } };
type Asked = { readonly request: FastifyRequest<Params>; readonly reply: FastifyReply };
type Tried = {
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  /** What was done, with a password that is shown this once. */
  readonly done: { readonly words: string; readonly password: string | null } | null;
};

const UNTRIED: Tried = { typed: typedAs({ role: "front-desk" }), faults: [], done: null };

export const ROLE_WORDS: { readonly [R in Role]: string } = {
  viewer: "Viewer: looks",
  "front-desk": "Front desk: sessions, tasks, replies",
  nurse: "Nurse: takes alerts, reads outcomes",
  clinician: "Clinician: approves protocols and wording",
  admin: "Administrator: staff, keys, settings",
  auditor: "Auditor: audit and ledger, no patients",
};

export function staffSettings(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Params>("/console/clinics/:clinic/settings/staff", { config: LOOK }, (request, reply) =>
      show(deps, { request, reply }, UNTRIED),
    );
    app.post<Params>("/console/clinics/:clinic/settings/staff", { config: CHANGE }, (request, reply) => change(deps, { request, reply }));
  };
}

async function show(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const { zone } = await findClinicById(deps.db, clinicOf(request));
  const staff = await listStaff(deps.db, clinicOf(request));
  const now = machineNow();
  const row = (person: StaffView, context: ConsoleContext) =>
    html`<li id="${toPublicId("staff", person.id)}"><div class="main"><p><strong>${person.name}</strong> <span class="quiet">${person.login}</span> ${standing(person)}</p><p class="small quiet">${ROLE_WORDS[person.role]}${person.seenAt === null ? "" : html`, last seen ${moment(zone, person.seenAt, now)}`}</p></div>${context.mayDo("staff.change") && person.disabledAt === null ? actions(person, context) : null}</li>`;
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Staff",
      room: "settings",
      ...(tried.faults.length > 0 && { status: 400 }),
      body: (context) =>
        inSettings(
          "staff",
          context,
          html`${sayDone(tried)}<div class="panel"><ul class="rows">${staff.map((person) => row(person, context))}</ul></div>${context.mayDo("staff.change") ? adding(tried, context) : null}`,
        ),
    },
  );
}

function standing({ disabledAt, hasSetUp }: StaffView): Html | null {
  if (disabledAt !== null) return pill("plain", "signs in nowhere");
  return hasSetUp ? null : pill("amber", "has not set up yet");
}

function sayDone({ done, faults }: Tried): Html | null {
  if (faults.length > 0 && done === null)
    return notice(
      "bad",
      html`<p><strong>Nothing was changed.</strong></p><ul>${faults.map(({ value, expected }) => html`<li>${value === undefined ? "" : `${value}: `}expected ${expected.replace(/ \(staff list\)/, "")}</li>`)}</ul>`,
    );
  if (done === null) return null;
  const password =
    done.password === null
      ? null
      : html`<p>Hand over this password. It is shown this once, and is good for setting up for a week.</p><p class="secret mono">${done.password}</p>`;
  return notice("good", html`<p>${done.words}</p>${password}`);
}

function actions({ login, role, name }: StaffView, context: ConsoleContext): Html {
  const form = (verb: string, body: Html) =>
    csrfForm(context, {
      action: settingsAction(context.clinic.slug, "staff"),
      name: "form",
      body: html`<input type="hidden" name="verb" value="${verb}"><input type="hidden" name="login" value="${login}">${body}`,
    });
  const options = [
    ...ROLES.map((value) => html`<option value="${value}"${value === role ? html` selected` : null}>${ROLE_WORDS[value]}</option>`),
    html`<option value="none">None: no longer works here</option>`,
  ];
  return html`<details class="wide"><summary>Change<span class="hidden"> ${name}</span></summary><div class="stack">
${form("role", html`<div class="field"><label>Role <select name="role">${options}</select></label></div><button>Give this role</button>`)}
${form("reset", html`<p class="small">For a lost phone or a forgotten password: they set up anew.</p><button>Set the sign-in back</button>`)}
${form("disable", html`<p class="small">They sign in nowhere any more, and are signed out at once.</p><button class="danger">End the sign-in</button>`)}</div></details>`;
}

function adding({ typed, faults }: Tried, context: ConsoleContext): Html {
  const fields = formFields(typed, faults);
  const body = html`<input type="hidden" name="verb" value="add">${fields.text("name", "Name", { required: true })}${fields.text("login", "Login", { hint: "Their email at the clinic, say. It names them in the audit for good.", required: true, autocomplete: "off" })}
${fields.select(
  "role",
  "Role",
  ROLES.map((value) => ({ value, label: ROLE_WORDS[value] })),
)}<button class="first">Add them</button>`;
  return panel(
    "Add somebody",
    html`<div class="body">${csrfForm(context, { action: settingsAction(context.clinic.slug, "staff"), name: "form", body })}</div>`,
  );
}

async function change(deps: ConsoleDeps, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const typed = readForm(request.body);
  const login = parseLogin(typed.text("login"));
  if (!login.ok) return show(deps, asked, { typed, faults: [{ path: "login", expected: login.expected }], done: null });
  const asking = {
    action: settingsAction(request.params.clinic, "staff"),
    words: `About to change who works here: ${login.value}.`,
    room: "settings",
  } as const;
  if ((await askStepUp(deps, { request, reply }, asking)) === "asked") return reply;
  const result = await carryOut(deps, request, { typed, login: login.value });
  if ("faults" in result) return show(deps, asked, { typed, faults: result.faults, done: null });
  return show(deps, asked, { ...UNTRIED, done: result });
}

type Done = NonNullable<Tried["done"]> | { readonly faults: readonly Fault[] };

async function carryOut({ db }: ConsoleDeps, request: Asked["request"], { typed, login }: { typed: Typed; login: string }): Promise<Done> {
  const of = { login, clinicId: clinicOf(request), actor: actorOf(request) };
  const role = ROLES.find((each) => each === typed.text("role"));
  switch (typed.text("verb")) {
    case "add":
      return add(db, request, { typed, login, role });
    case "role": {
      if (!role && typed.text("role") !== "none") return { faults: [{ path: "role", expected: "a role of the list" }] };
      const result = await changeRole(db, of, role ?? null);
      if (result.kind === "refused") return result;
      return { words: role ? `${login} is ${role} from now on.` : `${login} works here no more.`, password: null };
    }
    case "reset": {
      const result = await resetSignIn(db, of, machineNow());
      if (result.kind === "refused") return result;
      return { words: `${login} sets up anew.`, password: result.kind === "changed" ? result.value.password : null };
    }
    case "disable": {
      const result = await disableSignIn(db, of);
      return result.kind === "refused" ? result : { words: `${login} signs in nowhere any more.`, password: null };
    }
    default:
      throw new AccessDenied("not-found");
  }
}

type NewPerson = { readonly typed: Typed; readonly login: string; readonly role: Role | undefined };

async function add(db: ConsoleDeps["db"], request: Asked["request"], { typed, login, role }: NewPerson): Promise<Done> {
  const name = parseLine(typed.text("name"), { most: 100 });
  if (!name.ok || !role)
    return {
      faults: [
        ...(name.ok ? [] : [{ path: "name", expected: name.expected }]),
        ...(role ? [] : [{ path: "role", expected: "a role of the list" }]),
      ],
    };
  const clinic = await findClinicById(db, clinicOf(request));
  const result = await addStaff(db, clinic, { login, name: name.value, role, actor: actorOf(request), now: machineNow() });
  if (result.kind === "refused") return result;
  if (result.kind === "same") return { words: `${login} has this role already.`, password: null };
  return {
    words: result.value.password === null ? `${login} works here too now, with the sign-in they have.` : `${login} is added.`,
    password: result.value.password,
  };
}
