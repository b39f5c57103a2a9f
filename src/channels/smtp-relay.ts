import { isLoopback } from "./loopback.ts";

/** Where mails are handed over, and how the way there is kept private. */
export type SmtpRelay = {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` before anything else is said, `none` only inside this machine. */
  readonly privacy: "tls" | "starttls" | "none";
  readonly credentials: { readonly user: string; readonly pass: string } | null;
};

/**
 * Reads `smtp://user:password@host:587` or `smtps://...` (465). Plain text is kept to loopback: to any other host `smtp://` means STARTTLS, demanded and with
 * its certificate verified. Throws what is wrong with the URL, without repeating it, since it may hold a password.
 */
export function parseSmtpUrl(text: string): SmtpRelay {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "smtp:" && url.protocol !== "smtps:")) throw new Error("The SMTP URL must start with smtp:// or smtps://.");
  if (!url.hostname) throw new Error("The SMTP URL names no host.");
  if ((url.pathname !== "" && url.pathname !== "/") || url.search || url.hash)
    throw new Error("The SMTP URL must end after its host and port.");
  if ((url.username === "") !== (url.password === "")) throw new Error("The SMTP URL must have both a user and a password, or neither.");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = url.protocol === "smtps:";
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    privacy: secure ? "tls" : isLoopback(host) ? "none" : "starttls",
    credentials: url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : null,
  };
}
