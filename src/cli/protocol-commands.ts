/** `afterglow protocol …` */
import type { Command } from "commander";
import type { ApproveOptions } from "./approve-protocol.ts";
import { declare, end } from "./declare.ts";

const PROTOCOLS = ["--protocols <folder>", "read protocols from this folder instead of those that ship with Afterglow"] as const;
const TEMPLATES = ["--templates <folder>", "read templates from this folder instead of those that ship with Afterglow"] as const;

export function declareProtocolCommands(program: Command): void {
  const protocol = declare(program, {
    usage: "protocol",
    does: "Protocols: drafts in files, and what clinics have approved",
    examples: ["protocol list", 'protocol approve iv-ketamine@1 --clinic aspen-ridge --by "Dr. Lena Ortiz, medical director"'],
  });
  declareReading(protocol);
  declare(protocol, {
    usage: "approve <name@version>",
    does: "Put a draft, with the wording it is sent with, in force at a clinic; the same content again stores nothing",
    examples: ['protocol approve iv-ketamine@1 --clinic aspen-ridge --by "Dr. Lena Ortiz, medical director"'],
  })
    .requiredOption("--clinic <slug>", "the clinic it holds for")
    .requiredOption("--by <name, role>", "the clinician who approves it")
    .option(...PROTOCOLS)
    .option(...TEMPLATES)
    .option("--json", "print one object")
    .action(async (name: string, options: ApproveOptions) =>
      end(await (await import("./approve-protocol.ts")).approveProtocol(name, options)),
    );
}

type ReadingOptions = { readonly protocols?: string; readonly templates?: string; readonly json?: true };

function declareReading(protocol: Command): void {
  declare(protocol, {
    usage: "list",
    does: "List the drafts and, with a database, what is approved where and which files differ from it",
    examples: ["protocol list", "protocol list --json"],
  })
    .option(...PROTOCOLS)
    .option(...TEMPLATES)
    .option("--json", "print one object a draft or approval")
    .action(async (options: ReadingOptions) => end(await (await import("./list-protocols.ts")).listProtocols(options)));
  declare(protocol, {
    usage: "check [file...]",
    does: "Check protocol files and the templates they name: everything that would go wrong for a patient",
    examples: ["protocol check", "protocol check my-protocols/iv-ketamine.yaml --json", "protocol check --clinic aspen-ridge"],
  })
    .option("--clinic <slug>", "also whether the approvals in use at this clinic have every word that the program needs")
    .option(...PROTOCOLS)
    .option(...TEMPLATES)
    .option("--json", "print one object a file")
    .action(async (files: string[], options: ReadingOptions & { clinic?: string }) =>
      end(await (await import("./check-protocols.ts")).checkProtocols(files, options)),
    );
  declare(protocol, {
    usage: "show <name>",
    does: "Show a draft, or with --clinic what is in force there: phases, instructions, rules and their sources",
    examples: ["protocol show iv-ketamine", "protocol show iv-ketamine@1 --clinic aspen-ridge --json"],
  })
    .option("--clinic <slug>", "what is in force at this clinic, rather than the draft")
    .option(...PROTOCOLS)
    .option("--json", "print one object")
    .action(async (name: string, options: ReadingOptions & { clinic?: string }) =>
      end(await (await import("./show-protocol.ts")).showProtocol(name, options)),
    );
}
