/** What a command's end tells a script. */
export const EXIT = {
  done: 0,
  /** The input was refused; what was wrong with it stands on stderr. */
  refused: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Something Afterglow stands on is down, or the configuration does not name it rightly. */
  down: 3,
  /** A defect of Afterglow. */
  defect: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
