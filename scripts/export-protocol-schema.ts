/** Writes protocols/protocol.schema.json from the schema in src/domain/protocol.ts: run it after every change there. */
import { writeFileSync } from "node:fs";
import { protocolJsonSchema } from "../src/domain/protocol-json-schema.ts";

writeFileSync(new URL("../protocols/protocol.schema.json", import.meta.url), `${JSON.stringify(protocolJsonSchema(), undefined, 2)}\n`);
