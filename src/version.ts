/** The program's own version, as package.json says. */
import manifest from "../package.json" with { type: "json" };

export const VERSION: string = manifest.version;
