/**
 * Both factors once more, asked for inside the form whose consequences need them, so that nothing that was typed is lost on a way around. Somebody who gave them within
 * the last minutes is not asked.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { machineNow } from "../../clock.ts";
import { confirmAgain, type TurnedAway } from "../../producers/sign-in.ts";
import { isFresh, staffOf } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, type Room } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { field, notice } from "./console-parts.ts";
import { readForm } from "./read-form.ts";

/** The fields; null where both factors were just given. */
export function stepUpFields(request: FastifyRequest, fault: string | null = null): Html | null {
  if (isFresh(staffOf(request), machineNow())) return null;
  return html`<fieldset class="form step-up"><legend>Confirm that it is you</legend>
${field({ name: "password", label: "Password", type: "password", required: true, autocomplete: "current-password", ...(fault !== null && { fault }) })}
${field({ name: "code", label: "Code from your app", required: true, autocomplete: "one-time-code", inputmode: "numeric" })}</fieldset>`;
}

/** Null when they are who they say; else why not. */
export async function takeStepUp(deps: ConsoleDeps, request: FastifyRequest): Promise<string | null> {
  const now = machineNow();
  const caller = staffOf(request);
  if (isFresh(caller, now)) return null;
  const typed = readForm(request.body);
  const given = { token: caller.token, password: typed.text("password"), code: typed.text("code").replaceAll(" ", ""), now };
  const result = await confirmAgain(deps, caller.session, given);
  return result.kind === "confirmed" ? null : say(result);
}

export type Asking = {
  /** Where the form is posted to, below the public address: the same once more. */
  readonly action: string;
  /** What is about to be done. */
  readonly words: string;
  readonly room: Room;
};

/** Whether they may go on; `asked`: the answer asks for both factors, with everything that was typed kept for going on. Never the reply itself, which whoever awaits it would lose. */
export async function askStepUp(
  deps: ConsoleDeps,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  { action, words, room }: Asking,
): Promise<"confirmed" | "asked"> {
  const typed = readForm(request.body);
  const isAnswered = typed.text("password") !== "" || isFresh(staffOf(request), machineNow());
  const fault = isAnswered ? await takeStepUp(deps, request) : null;
  if (isAnswered && fault === null) return "confirmed";
  const kept = typed.entries
    .filter(([name]) => name !== "password" && name !== "code")
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const fields = stepUpFields(request, fault);
  await sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Confirm that it is you",
      room,
      ...(fault !== null && { status: 401 }),
      body: (context) =>
        html`${fault === null ? null : notice("bad", html`<p>${fault}</p>`)}<p>${words}</p>${csrfForm(context, { action, name: "form", body: html`${kept}${fields}<button class="first">Go on</button>` })}`,
    },
  );
  return "asked";
}

function say(turned: TurnedAway): string {
  return turned.kind === "refused" ? "That does not match. Nothing was changed." : "Too many tries. Wait, or ask an administrator.";
}
