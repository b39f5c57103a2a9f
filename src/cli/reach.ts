/** Opens dependencies, and says which one is down when one is. */
import type { DatabaseConfig } from "../config.ts";
import { describeDown } from "./describe-down.ts";
import { DependencyDown } from "./failures.ts";

type Urls = Pick<DatabaseConfig, "DATABASE_URL" | "REDIS_URL">;

/** What `open` gives; a failure to reach something becomes a {@link DependencyDown} that names it, never with its password. */
export async function reach<Opened>(urls: Urls, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    const down = describeDown(error);
    if (!down) throw error;
    throw new DependencyDown(`${nameOf(error, urls)}: ${down}`, { cause: error });
  }
}

/** ioredis hides why behind a closed connection; sockets say which port was dialled. */
function nameOf(error: unknown, { DATABASE_URL, REDIS_URL }: Urls): string {
  const port = error instanceof Error && "port" in error ? String(error.port) : undefined;
  const isRedis = error instanceof Error && /^(Connection is closed|Redis |NOAUTH|WRONGPASS)/.test(error.message);
  if (REDIS_URL && (isRedis || port === (new URL(REDIS_URL).port || "6379"))) return `Redis at ${new URL(REDIS_URL).host} (REDIS_URL)`;
  return `PostgreSQL at ${new URL(DATABASE_URL).host} (DATABASE_URL)`;
}
