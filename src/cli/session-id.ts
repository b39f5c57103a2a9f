/** Reads the id of a session or a series from the command line. */
import { parsePublicId, type SeriesId, type SessionId } from "../domain/ids.ts";
import { UsageError } from "./failures.ts";

export function toSessionId(text: string): SessionId {
  const id = parsePublicId("session", text);
  if (id) return id;
  throw new UsageError(
    `${text}: expected the id of a session, such as ses_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow series show lists them).`,
  );
}

export function toSeriesId(text: string): SeriesId {
  const id = parsePublicId("series", text);
  if (id) return id;
  throw new UsageError(`${text}: expected the id of a series, such as ser_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
}
