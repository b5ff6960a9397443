import type { Clock } from "../../kernel/clock.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { WorkflowLibrary } from "../../ports/workflow-library.ts";
import type { Service } from "../../workflow/model/service.ts";
import { servicesOf } from "./service-entries.ts";

/** The services of one stored workflow. */
export interface NamedServices {
  readonly workflow: string;
  readonly services: readonly Service[];
}

/** The services that the files of a library name; a file is read once for each thing that it says. */
export function createNamedServices(
  library: Pick<WorkflowLibrary, "list" | "read">,
  clock: Pick<Clock, "now">,
): () => Promise<readonly NamedServices[]> {
  let known = new Map<string, NamedServices & { readonly hash: string }>();

  async function read(name: string, hash: string): Promise<NamedServices & { readonly hash: string }> {
    // A file that has gone, or is broken by now, names nothing.
    const workflow = await library.read(name, hash).catch(() => undefined);
    const services = workflow === undefined ? [] : servicesOf(workflow, timestampOf(clock.now()));
    return { workflow: name, hash, services };
  }

  return async () => {
    const next: typeof known = new Map();
    for (const { name, valid, definition_hash: hash } of await library.list()) {
      if (!valid || hash === undefined) continue;
      const before = known.get(name);
      next.set(name, before?.hash === hash ? before : await read(name, hash));
    }
    known = next;
    return [...next.values()];
  };
}
