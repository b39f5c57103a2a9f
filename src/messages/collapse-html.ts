/** Takes the indentation out of compiled HTML, which is a third of it. Runs of white space become one line break; where a reader would see them, they stay one space. */
export function collapseHtml(html: string): string {
  return html
    .replace(/[ \t]*\n\s*/g, "\n")
    .replace(/[ \t]{2,}/g, " ")
    .trim();
}
