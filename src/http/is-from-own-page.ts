/** Whether a form comes from a page of our own, by what the browser itself says and no page can set. */
import type { IncomingHttpHeaders } from "node:http";

/**
 * Browsers that send Sec-Fetch-Site decide by it. Older ones send Origin, which our own pages make `null` because they tell nobody where their reader came from; then
 * the cookie alone decides, which no form of another site carries (SameSite).
 */
export function isFromOwnPage(headers: IncomingHttpHeaders, publicBaseUrl: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin } = headers;
  return origin === undefined || origin === "null" || origin === new URL(publicBaseUrl).origin;
}
