/** How much of everything: the figures of record, and a rough look. */
export type Scale = {
  readonly name: "full" | "quick";
  readonly rounds: number;
  /** Planned rows that stand in every database. */
  readonly standing: number;
  readonly sends: number;
  readonly mails: number;
  readonly texts: number;
  readonly noopJobs: number;
  readonly series: number;
  readonly bulks: number;
  readonly inserts: number;
  readonly planMs: number;
  readonly latenessMs: number;
  readonly memoryStanding: number;
  readonly memorySends: number;
  /** What the pages and the API are asked beside. */
  readonly apiPatients: number;
  readonly apiTouchpoints: number;
  readonly apiRequests: number;
};

export const FULL: Scale = {
  name: "full",
  rounds: 5,
  standing: 100_000,
  sends: 10_000,
  mails: 6_000,
  texts: 8_000,
  noopJobs: 20_000,
  series: 500,
  bulks: 1_000,
  inserts: 2_000,
  planMs: 2_000,
  latenessMs: 60_000,
  memoryStanding: 1_000_000,
  memorySends: 60_000,
  apiPatients: 10_000,
  apiTouchpoints: 1_000_000,
  apiRequests: 500,
};

export const QUICK: Scale = {
  name: "quick",
  rounds: 2,
  standing: 100_000,
  sends: 3_000,
  mails: 1_500,
  texts: 3_000,
  noopJobs: 6_000,
  series: 200,
  bulks: 400,
  inserts: 600,
  planMs: 1_000,
  latenessMs: 8_000,
  memoryStanding: 200_000,
  memorySends: 10_000,
  apiPatients: 4_000,
  apiTouchpoints: 200_000,
  apiRequests: 60,
};
