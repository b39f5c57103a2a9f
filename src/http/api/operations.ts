/** Everything that the API does. */
import type { Operation } from "./operation.ts";
import { signingIn } from "./operations/signing-in.ts";

export const OPERATIONS: readonly Operation[] = [...signingIn];
