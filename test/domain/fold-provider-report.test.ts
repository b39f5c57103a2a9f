import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldProviderReport, NOTHING_REPORTED, type ProviderReport } from "../../src/domain/fold-provider-report.ts";
import { isDelivered, isUndelivered, providerRank } from "../../src/domain/provider-rank.ts";
import { instant } from "../../src/domain/calendar.ts";

const told = (state: string, code: string | null = null): ProviderReport => ({ state, code, at: instant(0) });
const fold = (...reports: ProviderReport[]) => reports.reduce(foldProviderReport, NOTHING_REPORTED);

describe("what a provider reports of a delivery", () => {
  test("climbs from taken to on its way to arrived, and reading is above arriving", () => {
    const ladder = ["queued", "sending", "sent", "undelivered", "delivered", "read"];
    const ranks = ladder.map(providerRank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(new Set(ranks).size).toBe(ladder.length);
  });

  test("is a failure for exactly the words that give a message up", () => {
    const words = [
      "accepted",
      "queued",
      "sending",
      "delayed",
      "sent",
      "relayed",
      "canceled",
      "failed",
      "undelivered",
      "bounced",
      "delivered",
      "read",
      "new",
    ];
    expect(words.filter((word) => isUndelivered(providerRank(word)))).toEqual(["canceled", "failed", "undelivered", "bounced"]);
    expect(words.filter((word) => isDelivered(providerRank(word)))).toEqual(["delivered", "read"]);
  });

  test("never goes back: a late 'sent' leaves 'delivered' as it is", () => {
    expect(fold(told("delivered"), told("sent"), told("queued"))).toMatchObject({ state: "delivered", rank: providerRank("delivered") });
  });

  test("in a word that nobody knows yet covers nothing that is known, and is kept when it is all there is", () => {
    expect(fold(told("teleported"))).toMatchObject({ state: "teleported" });
    expect(fold(told("queued"), told("teleported"))).toMatchObject({ state: "queued" });
  });

  test("with its code stands over the same word without it", () => {
    expect(fold(told("undelivered", "30003"), told("undelivered"))).toMatchObject({ code: "30003" });
    expect(fold(told("undelivered"), told("undelivered", "30003"))).toMatchObject({ code: "30003" });
  });

  test("that adds nothing gives the very same standing", () => {
    const standing = fold(told("sent"));
    expect(foldProviderReport(standing, told("sent"))).toBe(standing);
    expect(foldProviderReport(standing, told("queued"))).toBe(standing);
  });

  test("folds to one standing, in whatever order and however often it comes", () => {
    const word = fc.constantFrom(
      "accepted",
      "scheduled",
      "queued",
      "sending",
      "sent",
      "failed",
      "undelivered",
      "delivered",
      "read",
      "canceled",
      "relayed",
      "new",
    );
    const report = fc.record({ state: word, code: fc.constantFrom(null, "30003", "21610"), at: fc.constant(instant(0)) });
    const shuffled = fc
      .array(report, { maxLength: 5 })
      .chain((reports) => fc.tuple(fc.constant(reports), fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 })));
    fc.assert(
      fc.property(shuffled, ([once, twice]) => {
        expect(fold(...twice)).toEqual(fold(...once));
      }),
    );
  });
});
