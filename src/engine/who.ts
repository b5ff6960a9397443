import { cleanText } from "../kernel/text.ts";

/** Far more than a name takes; an event with a longer one might be none that a journal takes. */
const MAX_BY_BYTES = 200;

/** Who asked for something, as it is recorded: for people. */
export const recordedBy = (by: string): string => cleanText(by, MAX_BY_BYTES);
