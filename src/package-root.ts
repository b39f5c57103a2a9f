/** Where the package's data folders (protocols, templates, examples) stand: above the sources, and above `dist` once built. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of a file or folder of the package, such as `packagePath("protocols")`. */
export function packagePath(...parts: readonly string[]): string {
  return join(findRoot(dirname(fileURLToPath(import.meta.url))), ...parts);
}

/** A build has a package.json of its own, so the folder of protocols marks the root. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, "protocols"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("The package has no folder of protocols");
  return findRoot(above);
}
