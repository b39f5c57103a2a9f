/**
 * The headers of every answer, whatever it is. Pages load one stylesheet of our own and nothing else, stay in no cache, tell nobody where their reader came
 * from, and stand in nobody's frame. Source: reliability 4.2.
 */
const ALWAYS = {
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-robots-tag": "noindex",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
} as const;

/** Half a year: long enough to hold between two visits of a course. */
const HSTS = { "strict-transport-security": "max-age=15552000" } as const;

export function securityHeaders(publicBaseUrl: string): Readonly<Record<string, string>> {
  return publicBaseUrl.startsWith("https:") ? { ...ALWAYS, ...HSTS } : ALWAYS;
}
