/**
 * `afterglow demo`: a whole clinic on this machine. Starts what is missing (PostgreSQL, an SMTP server, a Twilio API), fills it with the examples, and lives
 * through their weeks on the stepped clock. However it ends, nothing of it is left but the folder of messages.
 */
import { join } from "node:path";
import { machineNow, monotonicMs } from "../clock.ts";
import { readClinicTime, setSteppedClock, stepClock } from "../db/clinic-clock.ts";
import { findClinic } from "../db/clinics.ts";
import { type Deps, openDeps } from "../deps.ts";
import { DAY, type Instant } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import { startHttp } from "../http/start-http.ts";
import { startEmbeddedPostgres, throwawaySettings } from "../local/embedded-postgres.ts";
import { findFreePort } from "../local/free-port.ts";
import { startSmtpServer } from "../local/smtp-server.ts";
import { type LocalTwilioApi, startTwilioApi } from "../local/twilio-api.ts";
import type { InboundText } from "../local/twilio-inbound.ts";
import { startWorkers } from "../workers/start-workers.ts";
import { type Closers, makeClosers } from "./demo-closers.ts";
import { toClosingWords } from "./demo-closing-words.ts";
import { openConsole } from "./demo-console.ts";
import { prepareDatabase } from "./demo-database.ts";
import { type DemoDoor, makeDoor } from "./demo-door.ts";
import { openDemoFolder, toFolderName } from "./demo-folder.ts";
import { enqueueGuest } from "./demo-guest.ts";
import { type DemoHouse, openHouse } from "./demo-house.ts";
import { type DemoInbox, openInbox } from "./demo-inbox.ts";
import { readBooks } from "./demo-ledger.ts";
import { openDemoLog } from "./demo-log.ts";
import { DEMO_PATH, demoPages } from "./demo-pages.ts";
import { listPeople } from "./demo-people.ts";
import { playDemo, type Played } from "./demo-play.ts";
import { openPost, type Taken } from "./demo-post.ts";
import { refuseSilentProviders } from "./demo-reach.ts";
import { makeScratch } from "./demo-scratch.ts";
import type { Scenery } from "./demo-scenes.ts";
import { openScreen, type Screen } from "./demo-screen.ts";
import { readDemoClinic, seedClinic, whenExamplesBegin } from "./demo-seed.ts";
import {
  checkReplaced,
  findElsewhere,
  findReplaced,
  LOCAL_ACCOUNT,
  type Replaced,
  sayParts,
  sayElsewhere,
  toConfig,
  toEnvironment,
} from "./demo-stage.ts";
import { stayUp } from "./demo-stay.ts";
import { hearStop, type Stop, untilStopped } from "./demo-stop.ts";
import { countBySeries, countChanges, summarize } from "./demo-summary.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { DependencyDown } from "./failures.ts";
import { printJson, say, tint } from "./terminal.ts";

export type DemoOptions = {
  /** End once the weeks are over, instead of staying up with the links open. */
  readonly exit?: true;
  /** Nothing on stdout but one object at the end. */
  readonly json?: true;
  /** Where the messages go; a new folder under `.afterglow/demo` when left out. */
  readonly folder?: string;
};

/** Ending in good order takes a second. Whatever hangs longer is cut off; the guards of the database and of its folder do the rest. */
const END_WITHIN_MS = 15_000;

type Run = {
  readonly options: DemoOptions;
  readonly closers: Closers;
  readonly stop: Stop;
  readonly screen: Screen;
  readonly clinic: ClinicSettings;
  readonly replaced: Replaced;
};

/** Returns the exit code: 0 at the end, 1 when the ledger found a broken promise, 128 + n when signal n ended it. What it cannot start is thrown, with a sentence. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const stop = hearStop(process.stdout);
  const closers = makeClosers();
  let code: ExitCode = EXIT.done;
  stop.signal.addEventListener("abort", () => setTimeout(() => process.exit(stop.code()), END_WITHIN_MS).unref());
  try {
    const replaced = findReplaced();
    checkReplaced(replaced);
    await refuseSilentProviders(replaced);
    const clinic = await readDemoClinic({ email: replaced.smtp ? "own" : "raised", sms: replaced.twilio ? "own" : "raised" });
    const screen = openScreen(options.json ? undefined : process.stdout, clinic.zone);
    closers.add("the screen", async () => screen.end());
    stop.signal.addEventListener("abort", screen.end);
    code = await perform({ options, closers, stop, screen, clinic, replaced });
  } catch (error) {
    // What breaks while everything is being ended is no news.
    if (!stop.signal.aborted) throw error;
  } finally {
    await closers.close().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    stop.rest();
  }
  return stop.code() ?? code;
}

async function perform(run: Run): Promise<ExitCode> {
  const { options, closers, stop, screen, clinic, replaced } = run;
  const { signal } = stop;
  const dir = options.folder ?? join(".afterglow", "demo", toFolderName(machineNow()));
  const folder = await openDemoFolder(dir, clinic.zone);
  closers.add("the folder of messages", folder.close);
  screen.status("Starting ...");
  const stage = await openStage(run);
  const log = openDemoLog(folder.path("log.jsonl"));
  closers.add("the log", log.close);
  const deps = await openDeps(toConfig(stage.environment), log.log);
  closers.add("the connections", deps.close);
  signal.throwIfAborted();
  const door = makeDoor(deps.log);
  const begin = await openClinic(run, { deps, door });
  const page = hasPage(options) ? `http://127.0.0.1:${deps.config.PORT}${DEMO_PATH}` : null;
  for (const line of sayParts(replaced, { postgres: stage.postgres, folder, clinic, begin, page })) screen.tell(line);
  const { taken, silence, answer } = stage;
  const inbox = openInbox(taken);
  const onSettled = (now: Instant) => {
    inbox.collect(now);
    door.passed(now);
  };
  const isTaken = (now: Instant) => door.hasCome() && now >= begin + ALONE_AT_LEAST;
  const post = openPost(taken);
  // The lines that named the page are soon out of sight.
  const foot = page ?? "Ctrl-C ends it";
  const played = await playDemo(deps, { clinic, begin, folder, screen, signal, post, silence, answer, onSettled, isTaken, foot });
  const unlock = () => door.unlock(() => receive(run, { deps, inbox, answer, played }));
  if (played.goOn.rest.isTaken) {
    unlock();
    for (const line of ["", screen.paint.bold("The page has the clock now. What it does goes on here; Ctrl-C ends it."), ""])
      screen.tell(line);
    await untilStopped(stop);
    return EXIT.done;
  }
  const [summary, counts, changes] = [await summarize(deps.db), await countBySeries(deps.db), await countChanges(deps.db)];
  const books = await readBooks(deps.db);
  const seconds = monotonicMs() / 1_000;
  screen.status("");
  if (options.json) printJson(summary);
  const words = toClosingWords(
    { ...played, summary, counts, changes, books, seconds, folder: folder.name, elsewhere: sayElsewhere(replaced), logged: log.count() },
    screen.paint,
  );
  for (const line of words) screen.tell(line);
  if (!books.holds) {
    screen.end();
    for (const line of ["The ledger found promises that were not kept:", ...books.lines]) say(tint.red(line));
    return EXIT.refused;
  }
  if (hasPage(options)) unlock();
  if (!options.exit) await stayUp({ screen, stop, folder, closers, deps, environment: stage.environment, page });
  return EXIT.done;
}

/** Eleven days: enough for a clinic in the middle of its work. */
const ALONE_AT_LEAST = 11 * DAY;

function hasPage({ exit, json }: DemoOptions): boolean {
  return exit !== true && json !== true;
}

type Receiving = {
  readonly deps: Deps;
  readonly inbox: DemoInbox;
  readonly answer: Scenery["answer"];
  readonly played: Played;
};

/** Enqueues the patient whose part a visitor plays, and gives the page what is theirs. */
async function receive({ clinic, stop }: Run, { deps, inbox, answer, played }: Receiving): Promise<DemoHouse> {
  const stored = await findClinic(deps.db, clinic.slug);
  if (!stored) throw new Error("The demo's clinic is not stored");
  // A day begins with what belongs to it; the weeks stop at the last thing that happened before.
  await stepClock(deps.db, played.goOn.rest.from);
  const { now } = await readClinicTime(deps.db);
  const guest = await enqueueGuest(deps, { clinic, stored, now });
  played.meet(guest);
  const people = listPeople(
    [guest, ...played.series].map(({ request }) => request),
    clinic,
  );
  const enterConsole = await openConsole(deps.db, stored, deps.config.PUBLIC_BASE_URL);
  return openHouse(deps, { clinic, stored, guest, people, inbox, goOn: played.goOn, signal: stop.signal, answer, enterConsole });
}

type OpenStage = {
  readonly environment: Readonly<Record<string, string>>;
  readonly taken: Taken;
  readonly silence: Scenery["silence"];
  readonly answer: Scenery["answer"];
  readonly postgres: string;
};

/** Starts what nobody gave. */
async function openStage({ closers, stop, replaced, clinic }: Run): Promise<OpenStage> {
  const { signal } = stop;
  const own = replaced.database === undefined ? await startDatabase(closers, signal) : undefined;
  signal.throwIfAborted();
  const databaseUrl = own?.url ?? replaced.database ?? "";
  await prepareDatabase(databaseUrl, { clinic: clinic.slug });
  const smtp = replaced.smtp === undefined ? await startSmtpServer() : undefined;
  if (smtp) closers.add("the SMTP server", smtp.stop);
  const twilio = replaced.twilio === undefined ? await startTwilioApi({ ...LOCAL_ACCOUNT, senders: [clinic.sms.address] }) : undefined;
  if (twilio) closers.add("the Twilio API", twilio.stop);
  signal.throwIfAborted();
  const addresses = { databaseUrl, smtpUrl: smtp?.url, twilioUrl: twilio?.url, port: await findFreePort() };
  return {
    environment: toEnvironment(replaced, addresses),
    taken: { mails: smtp?.mails, texts: twilio?.messages },
    answer: twilio && ((from, body) => answerAt(twilio, { from, to: clinic.sms.address, body }, addresses.port)),
    silence: twilio && ((number) => twilio.setFaults([{ does: "refuse", code: OPTED_OUT, to: number }])),
    postgres: own ? `PostgreSQL ${own.version} of its own` : "the PostgreSQL of DATABASE_URL",
  };
}

/** A patient's own text, as the carrier hands it to the clinic's web pages. */
async function answerAt(twilio: LocalTwilioApi, text: InboundText, port: number): Promise<void> {
  const { status } = await twilio.sendInbound(text, `http://127.0.0.1:${port}/webhooks/twilio/inbound`);
  if (status !== 200) throw new Error(`A text of the demo was not taken: ${status}`);
}

/** https://www.twilio.com/docs/api/errors/21610 */
const OPTED_OUT = 21610;

async function startDatabase(closers: Closers, signal: AbortSignal): Promise<{ url: string; version: string }> {
  const scratch = await makeScratch();
  closers.add("the folder of the database", scratch.remove);
  signal.throwIfAborted();
  const postgres = await startEmbeddedPostgres({ dir: scratch.dir, settings: throwawaySettings }).catch((cause: unknown) => {
    throw new DependencyDown(`The demo's own PostgreSQL does not start. ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  closers.add("PostgreSQL", postgres.stop);
  return postgres;
}

/** Opens the clinic's doors: clock, approvals, web pages, workers. */
async function openClinic({ options, closers, stop, clinic, replaced }: Run, { deps, door }: { deps: Deps; door: DemoDoor }) {
  const begin = whenExamplesBegin(clinic);
  await setSteppedClock(deps.db, begin);
  await seedClinic(deps, clinic);
  stop.signal.throwIfAborted();
  const pages = hasPage(options) ? { extend: demoPages({ config: deps.config, door, clinic, elsewhere: findElsewhere(replaced) }) } : {};
  const http = await startHttp(deps, pages).catch((cause: unknown) => {
    throw new DependencyDown(`The demo's web pages cannot be served: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  closers.add("the web pages", http.close);
  const workers = await startWorkers(deps);
  closers.add("the workers", workers.stop);
  stop.signal.throwIfAborted();
  return begin;
}
