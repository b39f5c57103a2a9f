/** The folder in which every mail and text can be read afterwards, with an index in the order of clinic time. It stays when the demo ends. */
import { appendFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { dayOf, formatDay, type Instant } from "../domain/calendar.ts";
import { toLocal, type Zone } from "../domain/place-in-time.ts";
import { cityOf, formatMoment, formatTime, type Happening } from "./demo-happening.ts";
import { fit, padTo } from "./demo-lines.ts";
import { DependencyDown, UsageError } from "./failures.ts";

export type DemoFolder = {
  /** As people name it: relative to where they are, where that is shorter. */
  readonly name: string;
  /** Absolute path of a file in it. */
  path(file: string): string;
  /** Writes the messages and their lines of the index. */
  save(happenings: readonly Happening[]): Promise<void>;
  /** Takes back a folder in which nothing was written. */
  close(): Promise<void>;
};

/** Columns of the index that a message's first words get. */
const SAYS = 60;
const HEAD = toColumns({ moment: "Clinic time", reader: "At the reader's", what: "What", who: "To or of", says: "Says", file: "File" });

/** Makes the folder. Throws {@link UsageError} for one that holds anything, so that two runs never mix, {@link DependencyDown} where it may not write. */
export async function openDemoFolder(dir: string, zone: Zone): Promise<DemoFolder> {
  const root = resolve(dir);
  await refuseFullFolder(root);
  await refusingUnwritable(root, async () => {
    await mkdir(join(root, "mails"), { recursive: true });
    await mkdir(join(root, "texts"), { recursive: true });
    await writeFile(
      join(root, "index.txt"),
      `Everything that was said, and what happened in between. Clinic time is ${zone}.\n\n${HEAD}\n`,
    );
  });
  let count = 0;
  let saved = 0;
  return {
    name: shorter(relative(process.cwd(), root), root),
    path: (file) => join(root, file),
    save: async (happenings) => {
      const lines: string[] = [];
      const writing: Promise<void>[] = [];
      for (const each of happenings) {
        const files = each.message ? toFiles(each, { stem: toStem(each, { zone, number: ++count }) }) : [];
        for (const { name, content } of files) writing.push(writeFile(join(root, name), content));
        lines.push(toIndexLine(each, { zone, file: files[0]?.name ?? "" }));
      }
      saved += lines.length;
      await Promise.all(writing);
      if (lines.length > 0) await appendFile(join(root, "index.txt"), lines.map((line) => `${line}\n`).join(""));
    },
    close: async () => {
      if (saved === 0) await rm(root, { recursive: true, force: true });
    },
  };
}

async function refuseFullFolder(root: string): Promise<void> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new UsageError(`${root} cannot take the demo's messages (${error.code ?? error.message}); name another folder with --folder.`);
  });
  if (names.length > 0)
    throw new UsageError(`${root} holds something already; name a folder that is empty or not there yet with --folder.`);
}

async function refusingUnwritable(root: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new DependencyDown(`The demo cannot write its messages to ${root} (${why}); name another folder with --folder.`, { cause });
  }
}

function shorter(one: string, other: string): string {
  return one.startsWith("..") || one === "" ? other : one;
}

type File = { readonly name: string; readonly content: string | Buffer };

function toFiles(happening: Happening, { stem }: { stem: string }): File[] {
  const { message } = happening;
  if (message === null) return [];
  if (message.kind === "text") return [{ name: `texts/${stem}.txt`, content: `${toHead(happening)}\n${message.text}\n` }];
  return [
    { name: `mails/${stem}.html`, content: message.html },
    { name: `mails/${stem}.txt`, content: `${toHead(happening)}Subject: ${happening.says}\n\n${message.text}\n` },
    { name: `mails/${stem}.eml`, content: message.raw },
  ];
}

function toHead({ at, who, zone }: Happening): string {
  return `To: ${who}\nSent: ${formatMoment(zone, at)} (${zone})\n`;
}

/** `0012_2027-01-11_0900_ana_day-before`: sorted by name is sorted by clinic time. */
function toStem({ at, who, template }: Happening, { zone, number }: { zone: Zone; number: number }): string {
  const name = who
    .normalize("NFKD")
    .replaceAll(/[^A-Za-z0-9 ]/g, "")
    .replaceAll(" ", "-")
    .toLowerCase();
  return [String(number).padStart(4, "0"), formatDay(dayOf(toLocal(zone, at))), formatTime(zone, at).replace(":", ""), name, template].join(
    "_",
  );
}

function toIndexLine(happening: Happening, { zone, file }: { zone: Zone; file: string }): string {
  const { at, label, who, says } = happening;
  const theirs = happening.zone === zone ? formatTime(zone, at) : `${formatTime(happening.zone, at)} ${cityOf(happening.zone)}`;
  const reader = label === "email" || label === "sms" ? theirs : "";
  return toColumns({ moment: formatMoment(zone, at), reader, what: `[${label}]`, who, says: fit(says, SAYS), file });
}

type Columns = {
  readonly moment: string;
  readonly reader: string;
  readonly what: string;
  readonly who: string;
  readonly says: string;
  readonly file: string;
};

function toColumns({ moment, reader, what, who, says, file }: Columns): string {
  return [padTo(moment, 16), padTo(reader, 18), padTo(what, 9), padTo(who, 14), padTo(says, SAYS), file].join("  ").trimEnd();
}

/** The name of a new folder, from machine time in UTC: `20270104T150000Z`. */
export function toFolderName(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
