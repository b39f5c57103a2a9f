/** Settings: who is paged, who works here, and which programs and systems have a part in it. Each view is for whoever may look into it. */
import type { FastifyInstance } from "fastify";
import type { ConsoleDeps } from "./console-page.ts";
import { keySettings } from "./settings-keys.ts";
import { rosterSettings } from "./settings-roster.ts";
import { staffSettings } from "./settings-staff.ts";
import { webhookSettings } from "./settings-webhooks.ts";

export function settingsRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    for (const view of [rosterSettings, staffSettings, keySettings, webhookSettings]) await app.register(view(deps));
  };
}
