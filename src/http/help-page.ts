/** What is shown at once to somebody whose words sound as if they needed help now. The same for everybody; it does not say how the words were read. */
import { html } from "./html.ts";
import { renderCrisisPanel } from "./crisis-panel.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import { PAGE_WORDS } from "./page-words.ts";

/** `path`: the page of the visit from which it was written. */
export function helpPage(visit: PageVisit, path: string): string {
  const { locale, link } = visit;
  const words = PAGE_WORDS[locale];
  const panel = renderCrisisPanel({ locale, clinic: link.clinic });
  const body = html`<section class="said" role="status"><p>${words.sent}</p></section>${panel}<nav class="foot"><p><a href="${path}">${words.back}</a></p></nav>`;
  return frame({ ...frameOf(visit, words.visit), path: `${path}/help` }, body);
}
