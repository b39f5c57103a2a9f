/** `afterglow reply …` and `afterglow message …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { ReplyListFlags } from "./list-replies.ts";
import type { ResendFlags, SendFlags } from "./send-message.ts";
import type { ReplyFlags } from "./show-reply.ts";

const ID = "in_0197c3a4-5a1e-7c00-8f00-0123456789ab";
const TOUCHPOINT = "tp_0197c3a4-5a1e-7c00-8f00-0123456789ab";

export function declareReplyCommands(program: Command): void {
  const reply = declare(program, {
    usage: "reply",
    does: "The inbox: what patients wrote that a person has to read",
    examples: ["reply list --clinic aspen-ridge", `reply show ${ID} --actor "Maria Lopez"`, `reply close ${ID}`],
  });
  declare(reply, {
    usage: "list",
    does: "List texts that wait to be read, oldest first; nothing of what was written",
    examples: ["reply list", "reply list --clinic aspen-ridge --inbox all", "reply list --patient 10482 --json"],
  })
    .option("--clinic <slug>", "of one clinic")
    .option("--patient <ref>", "of one patient, by chart number or id")
    .addOption(
      new Option("--inbox <which>", "those that wait, those that were closed, or whatever came in")
        .choices(["open", "closed", "all"])
        .default("open"),
    )
    .option("--json", "print one object a line")
    .action(async (flags: ReplyListFlags) => end(await (await import("./list-replies.ts")).listInbox(flags)));
  const who = (command: Command, what: string) => command.option("--actor <name>", what).option("--json", "print one object");
  who(
    declare(reply, {
      usage: "show <id>",
      does: "Show what was written, whose number it is, and what was said around it; the audit keeps who read it",
      examples: [`reply show ${ID} --actor "Maria Lopez"`, `reply show ${ID} --json`],
    }),
    "who reads, for the audit",
  ).action(async (id: string, flags: ReplyFlags) => end(await (await import("./show-reply.ts")).showReply(id, flags)));
  who(
    declare(reply, {
      usage: "close <id>",
      does: "Take a text out of the inbox; a repeat changes nothing",
      examples: [`reply close ${ID} --actor "Maria Lopez"`],
    }),
    "who has dealt with it, for the audit",
  ).action(async (id: string, flags: ReplyFlags) => end(await (await import("./show-reply.ts")).closeInboxEntry(id, flags)));
  declareMessage(program);
}

function declareMessage(program: Command): void {
  const message = declare(program, {
    usage: "message",
    does: "Write to a patient, in saved phrases or in words of your own",
    examples: ["message send 10482 --phrase call-us --dry-run", 'message send 10482 --text "We found your scarf."'],
  });
  declare(message, {
    usage: "send <ref>",
    does: "Send a text or a mail to a patient, in the hours in which they want any; the words are held to the same rules as every message",
    examples: [
      "message send 10482 --phrase call-us --dry-run",
      'message send 10482 --text "We found your scarf. It is at the desk." --actor "Maria Lopez"',
      'message send 10482 --channel email --text "Here is the form that you asked about."',
    ],
  })
    .option("--clinic <slug>", "a clinic of the patient's group, when several groups know the chart number")
    .option("--phrase <name>", "a saved phrase, in the patient's language: bring-papers, call-us, thank-you, tried-to-call, we-run-late")
    .option("--text <words>", "words of your own; kept encrypted")
    .addOption(new Option("--channel <channel>", "a text where one may be sent, else a mail, unless you say so").choices(["sms", "email"]))
    .option("--dry-run", "show the message and what it costs, and store nothing")
    .option("--actor <name>", "who writes, for the audit")
    .option("--json", "print one object")
    .action(async (ref: string, flags: SendFlags) => end(await (await import("./send-message.ts")).sendStaffMessage(ref, flags)));
}

/** Adds the verb `resend` to the noun `touchpoint`. */
export function declareResendCommand(touchpoint: Command): void {
  declare(touchpoint, {
    usage: "resend <id>",
    does: "Send a message once more that was sent or failed, as long as it is of use and true; with a new link where the old one opens nothing",
    examples: [`touchpoint resend ${TOUCHPOINT} --dry-run`, `touchpoint resend ${TOUCHPOINT} --actor "Maria Lopez"`],
  })
    .option("--dry-run", "say what would go and when, and store nothing")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (id: string, flags: ResendFlags) => end(await (await import("./send-message.ts")).resendByStaff(id, flags)));
}
