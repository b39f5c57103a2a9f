/** How long something has lasted or will last, in one or two words. */
import { html, type Html } from "../html.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `40 s`, `7 min`, `3 h 10 min`, `2 days`. */
export function saySpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 2 * MINUTE) return `${whole} s`;
  if (whole < 2 * HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return `${Math.floor(whole / HOUR)} h${minutes > 0 ? ` ${minutes} min` : ""}`;
  }
  const days = Math.floor(whole / DAY);
  return `${days} ${days === 1 ? "day" : "days"}`;
}

/** `4:05`, running down where there is a script; longer than an hour it stands still. */
export function countdown(seconds: number): Html {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= HOUR) return html`${saySpan(whole)}`;
  const text = `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, "0")}`;
  return html`<span class="clock" data-seconds="${whole}" data-as="clock">${text}</span>`;
}
