/** A message that cannot be written: the template is missing, or it prints a value that this touchpoint's facts do not have. Carries no personal data. */
import type { Locale } from "../domain/clinic.ts";

export class RenderError extends Error {
  readonly stem: string;
  readonly locale: Locale;
  /** The part that is missing (`email`, `sms`, `task`) or the variable without a value, such as `session.place`. */
  readonly field: string;

  constructor({ stem, locale, field }: { stem: string; locale: Locale; field: string }) {
    super(`Template ${stem}.${locale} cannot be rendered: no ${field}`);
    this.name = "RenderError";
    this.stem = stem;
    this.locale = locale;
    this.field = field;
  }
}
