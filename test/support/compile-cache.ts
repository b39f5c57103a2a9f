/** Where Node keeps what it has compiled, for processes of the program that tests start: the same folder as the command line uses. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") } as const;
