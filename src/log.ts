/** Structured logs by allow-list: a line carries an event's name and known, opaque fields; anything else is dropped, so that nothing about a person can slip in. */
import { type Logger as Pino, pino } from "pino";

const ALLOWED = [
  "queue",
  "jobId",
  "workerId",
  "touchpointId",
  "deliveryId",
  "inboundId",
  "patientId",
  "seriesId",
  "clinicId",
  "count",
  "ms",
  "code",
  "kind",
  "word",
  "role",
  "port",
  "attempt",
  "signal",
  "version",
  "route",
  "status",
  "backend",
  "environment",
  "requestId",
] as const;

export type LogFields = { readonly [Field in (typeof ALLOWED)[number]]?: string | number | undefined };

export type Log = {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** An error gives its name, code and where it was thrown; never its message, which may quote a value. */
  error(event: string, fields?: LogFields & { readonly error?: unknown }): void;
};

export function makeLog({ level, destination }: { level: string; destination?: { write(line: string): void } }): Log {
  const options = { level, base: null, formatters: { level: (label: string) => ({ level: label }) } };
  const logger: Pino = destination ? pino(options, destination) : pino(options);
  return {
    info: (event, fields = {}) => logger.info(pick(fields), event),
    warn: (event, fields = {}) => logger.warn(pick(fields), event),
    error: (event, { error, ...fields } = {}) => logger.error({ ...pick(fields), ...describe(error) }, event),
  };
}

function pick(fields: LogFields): Record<string, string | number> {
  const picked: Record<string, string | number> = {};
  for (const name of ALLOWED) {
    const value = fields[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function describe(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return {};
  const code = "code" in error && typeof error.code === "string" ? { errorCode: error.code } : {};
  const frames = framesOf(error).filter((line) => line.trimStart().startsWith("at "));
  const cause = error.cause instanceof Error ? { cause: error.cause.name } : {};
  return { error: error.name, ...code, ...cause, at: frames.slice(0, 6).join(" ").replaceAll(/\s+/g, " ") };
}

/** The stack behind the message: a message of several lines could pass for frames. */
function framesOf({ stack = "", message }: Error): string[] {
  const begins = stack.indexOf(message);
  return begins < 0 ? [] : stack.slice(begins + message.length).split("\n");
}
