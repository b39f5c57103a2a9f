/** The folder of templates that a command reads; what a protocol asks of them is the messages' own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readTemplates, type TemplateSources } from "../messages/read-templates.ts";
import { packagePath } from "../package-root.ts";
import { UsageError } from "./failures.ts";

export { checkTemplatesOf, hashRelease, templatesOf, templateUses } from "../messages/protocol-templates.ts";

/** The templates that ship with Afterglow, unless another folder is named. */
export async function readTemplateFolder(folder: string | undefined): Promise<TemplateSources> {
  if (folder !== undefined) refuseNoFolder(folder);
  return readTemplates(folder ?? packagePath("templates"));
}

function refuseNoFolder(folder: string): void {
  const missing = TEMPLATE_FOLDERS.filter((each) => !existsSync(join(folder, each)));
  if (missing.length > 0) throw new UsageError(`${folder} is no folder of templates: it lacks ${missing.join(", ")}.`);
}

const TEMPLATE_FOLDERS = ["email", "sms", "task"] as const;
