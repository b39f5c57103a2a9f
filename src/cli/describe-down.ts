/** Tells an error that comes from something being down, or not set up, from a defect of ours. */

/** Nobody answers, or the way there is gone. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
]);
/** SQLSTATE classes: connection exception, invalid authorization, no such database, insufficient resources, operator intervention. */
const REFUSING = /^(08|28|3D|53|57P)/;
/** SQLSTATE of a table, column, function or schema that is not there. */
const UNMIGRATED = new Set(["42P01", "42703", "42883", "3F000"]);
/** SQLSTATE of a write where nothing may be written. */
const READ_ONLY = "25006";
/** What pg, ioredis and BullMQ say without a code. */
const SAYING =
  /^(Connection terminated|Connection is closed|timeout exceeded when trying to connect|timeout expired|Redis must run|Queue \S+ did not take|NOAUTH|WRONGPASS|The server does not support SSL|The database has no clinic clock)/;

/** Another program has the port, or this one may not. */
const TAKEN = new Set(["EADDRINUSE", "EADDRNOTAVAIL", "EACCES"]);

/** What is wrong, as the end of a sentence; undefined when nothing of the kind is. */
export function describeDown(error: unknown): string | undefined {
  for (const each of causesOf(error)) {
    const code = "code" in each ? String(each.code) : "";
    if (UNMIGRATED.has(code)) return `the database lacks what this version needs (${each.message}); run: afterglow db migrate`;
    if (code === READ_ONLY) return "the database takes no writes (a standby that was not promoted, or read-only)";
    if (TAKEN.has(code) && "syscall" in each && each.syscall === "listen") return `${each.message}; HOST and PORT say where to listen`;
    if (isNetwork(each, code) || REFUSING.test(code) || SAYING.test(each.message))
      return each.message.startsWith("Connection is closed") ? "it does not answer" : each.message || code;
  }
  return undefined;
}

/** A missing file has the same code as a missing socket; only the socket was dialled. */
function isNetwork(error: Error, code: string): boolean {
  return NETWORK.has(code) && (code !== "ENOENT" || ("syscall" in error && error.syscall === "connect"));
}

/** The error, the parts of a joint one, and what caused it. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...parts.flatMap(causesOf), ...causesOf(error.cause)];
}
