import { hostname } from "node:os";
import type { RunView } from "../ports/runtime.ts";

/** Whether another process drives the run. This one lets go of it when the command ends. */
export function isDrivenElsewhere({ owner }: Pick<RunView, "owner">): boolean {
  return owner?.alive === true && (owner.pid !== process.pid || owner.host !== hostname());
}
