/** The local Twilio API in a process of its own. It forgets what it holds between rounds, so that it does not slow down. */
import { z } from "zod";
import { type LocalTwilioApi, startTwilioApi } from "../../src/local/twilio-api.ts";
import { serve } from "./serve.ts";

const account = z.object({ accountSid: z.string(), authToken: z.string() });
let api: LocalTwilioApi | undefined;

serve({
  start: async (input) => {
    api = await startTwilioApi(account.parse(input));
    return { url: api.url };
  },
  clear: () => {
    const count = api?.messages().length ?? 0;
    api?.clear();
    return Promise.resolve({ count });
  },
});
