/** Which addresses may be told of what happens: https, and only hosts that whoever runs this installation has named. */
export type WebhookRules = {
  /** Host names, with the port where it is not 443. */
  readonly hosts: readonly string[];
  /** In production nothing goes out in plain, nor to an address of this machine or of a private network. */
  readonly isProduction: boolean;
};

export type JudgedUrl = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly expected: string };

const LONGEST = 500;

export function judgeWebhookUrl(text: string, { hosts, isProduction }: WebhookRules): JudgedUrl {
  if (text.length > LONGEST || !URL.canParse(text)) return { ok: false, expected: "an address such as https://ehr.example.org/afterglow" };
  const url = new URL(text);
  const isPlainHere = !isProduction && url.protocol === "http:" && url.hostname === "127.0.0.1";
  if (url.protocol !== "https:" && !isPlainHere) return { ok: false, expected: "an address that begins with https://" };
  if (url.username !== "" || url.password !== "" || url.hash !== "")
    return { ok: false, expected: "an address without a user, a password and a #" };
  if (isProduction && /^(?:\[|[\d.]+$)/.test(url.hostname)) return { ok: false, expected: "a host name and no number of a network" };
  if (!hosts.includes(url.host)) return { ok: false, expected: "a host of AFTERGLOW_WEBHOOK_HOSTS" };
  return { ok: true, value: url.href };
}
