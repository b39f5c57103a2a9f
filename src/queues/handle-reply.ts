/** `handle-reply`: a text that came in and is not handled yet. Rebuilt at any time from `handled_at is null`. */
import { z } from "zod";
import type { InboundId } from "../domain/ids.ts";
import { defineQueue } from "./contract.ts";

const inboundId = z.custom<InboundId>((value) => typeof value === "string" && value.length === 36);

export const handleReply = defineQueue({ name: "handle-reply", data: z.strictObject({ inboundId }), concurrency: 4 });
