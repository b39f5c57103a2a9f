/**
 * How far a delivery has come, by what its provider says of it: one ladder for texts (Twilio's words) and mails (the words of RFC 3464, `bounced` for its
 * `failed`). Reports come in any order and more than once; whatever ranks higher stands.
 */
const RANKS: { readonly [state: string]: number } = {
  accepted: 10,
  scheduled: 10,
  queued: 20,
  sending: 30,
  delayed: 35,
  sent: 40,
  relayed: 45,
  expanded: 45,
  partially_delivered: 45,
  canceled: 50,
  failed: 52,
  undelivered: 54,
  bounced: 56,
  // Above every failure: carriers now and then report both, and what has arrived has arrived.
  delivered: 60,
  read: 70,
};

/** Providers add words without notice: it says that there is a message, and no more. */
const NEW_WORD = 1;

/** From 1; no report at all is 0. A word that is not known ranks lowest, so that it never covers one that is. */
export function providerRank(state: string): number {
  return RANKS[state] ?? NEW_WORD;
}

/** Ranks of what did not arrive: from the first up to, not including, the second. SQL that reads `deliveries.rank` uses the same two numbers. */
export const UNDELIVERED_RANKS = { from: 50, to: 60 } as const;

/** Whether the provider has given the message up. */
export function isUndelivered(rank: number): boolean {
  return rank >= UNDELIVERED_RANKS.from && rank < UNDELIVERED_RANKS.to;
}

/** Whether it has reached the handset or the mailbox. */
export function isDelivered(rank: number): boolean {
  return rank >= UNDELIVERED_RANKS.to;
}
