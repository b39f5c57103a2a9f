/** The views of the room Settings, each for whoever may look into it. */
import type { Permission } from "../../domain/roles.ts";
import { html, type Html } from "../html.ts";
import { roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { tabs } from "./list-page.ts";

export type SettingsView = "staff" | "keys" | "webhooks" | "roster";

const VIEWS: readonly { readonly view: SettingsView; readonly label: string; readonly needs: Permission }[] = [
  { view: "roster", label: "Roster", needs: "roster.read" },
  { view: "staff", label: "Staff", needs: "staff.read" },
  { view: "keys", label: "Keys of programs", needs: "keys.change" },
  { view: "webhooks", label: "Systems told", needs: "webhooks.change" },
];

export function settingsPath({ basePath, clinic }: ConsoleContext, view: SettingsView): string {
  return `${basePath}${settingsAction(clinic.slug, view)}`;
}

/** The same below the public address, as forms have it. */
export function settingsAction(slug: string, view: SettingsView): string {
  return `${roomPath(slug, "settings")}${view === "roster" ? "" : `/${view}`}`;
}

export function inSettings(here: SettingsView, context: ConsoleContext, body: Html): Html {
  const views = VIEWS.filter(({ needs }) => context.mayDo(needs));
  return html`${tabs(
    "Settings",
    views.map(({ view, label }) => ({ href: settingsPath(context, view), label, isHere: view === here })),
  )}${body}`;
}
