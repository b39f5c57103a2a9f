/** `afterglow bounce …` */
import type { Command } from "commander";
import { declare, end } from "./declare.ts";

export function declareBounceCommands(program: Command): void {
  const bounce = declare(program, {
    usage: "bounce",
    does: "Mails that came back: what mail servers report about a message that could not be delivered",
    examples: ["bounce read -"],
  });
  declare(bounce, {
    usage: "read <file>",
    does: "Keep a delivery report (RFC 3464) as a mail server hands it over, for a worker to read; - is standard input, and a mail that is none is left alone",
    examples: ["bounce read - || exit 75", "bounce read returned.eml --json"],
  })
    .option("--json", "print one object")
    .action(async (file: string, options: { json?: true }) => end(await (await import("./read-bounce.ts")).readBounce(file, options)));
}
