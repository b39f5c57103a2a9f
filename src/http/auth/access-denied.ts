/** Why a request of staff or of a program is turned away. Whoever answers it says it in their own way: as a problem, or as a page. */

export const DENIALS = {
  /** Nobody is signed in, and no key that is good was sent. */
  "sign-in": { status: 401, title: "Sign in, or send a key that is good" },
  /** The password was right and the second step is still to come. */
  "second-step": { status: 401, title: "The second step of signing in is still to come" },
  /** The form, or the script, is not one of our own pages. */
  "not-our-page": { status: 403, title: "This has to come from a page of our own, with its token" },
  forbidden: { status: 403, title: "Your role, or your key, does not allow this" },
  /** Both factors were given too long ago for this. */
  "confirm-again": { status: 403, title: "Give your password and a code once more first" },
  /** There is none, or it is another clinic's. */
  "not-found": { status: 404, title: "Not found" },
} as const satisfies { readonly [reason: string]: { readonly status: number; readonly title: string } };

export type Denial = keyof typeof DENIALS;

export class AccessDenied extends Error {
  readonly denial: Denial;
  readonly statusCode: number;
  readonly code = "ACCESS_DENIED";
  constructor(denial: Denial) {
    super(DENIALS[denial].title);
    this.name = "AccessDenied";
    this.denial = denial;
    this.statusCode = DENIALS[denial].status;
  }
}
