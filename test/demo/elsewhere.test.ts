import { describe, expect, test } from "vitest";
import { demoPage } from "../../src/cli/demo-page.ts";
import { findElsewhere } from "../../src/cli/demo-stage.ts";
import { readZone } from "../../src/db/clinics.ts";

const CLINIC = { name: "Aspen Ridge Clinic", slug: "aspen-ridge", zone: readZone("America/Denver") };
const SMTP = "smtp://desk:s3cret@mail.example.org:2525";

describe("the demo's page", () => {
  test("says plainly where mails go that do not come to its mailbox, and not with which password", () => {
    const page = demoPage(CLINIC, findElsewhere({ smtp: SMTP, twilio: undefined }));
    expect(page).toContain("Not everything comes to this page.");
    expect(page).toContain("Mails go to the mail server mail.example.org:2525 (SMTP_URL)");
    expect(page).not.toContain("No mails yet.");
    expect(page).toContain("No texts yet.");
    expect(page).not.toContain("s3cret");
  });

  test("says plainly where texts go that do not come to its phone", () => {
    const page = demoPage(CLINIC, findElsewhere({ smtp: undefined, twilio: "real" }));
    expect(page).toContain("Texts go through the Twilio account of TWILIO_ACCOUNT_SID");
    expect(page).toContain("No mails yet.");
    expect(page).not.toContain("No texts yet.");
  });

  test("says nothing of the kind where everything comes to it", () => {
    const page = demoPage(CLINIC, findElsewhere({ smtp: undefined, twilio: undefined }));
    expect(page).not.toContain("Not everything comes");
    expect(page).toContain("No mails yet.");
    expect(page).toContain("No texts yet.");
  });
});
