import { asSentence } from "../../kernel/sentences.ts";
import type { WorkflowLibrary, WorkflowListing } from "../../ports/workflow-library.ts";

/** Tells of the workflow files that cannot be run, each time that something else is wrong with one. */
export function tellBroken(library: WorkflowLibrary, tell: (message: string) => void): void {
  const told = new Map<string, string>();
  library.onChange((names) => {
    const changed = new Set(names);
    void library.list().then(
      (listings) => {
        for (const listing of listings) if (changed.has(listing.name)) tellOf(listing);
      },
      // It is closed, or tells by itself what it cannot read.
      () => undefined,
    );
  });

  function tellOf({ name, file, valid, diagnostics }: WorkflowListing): void {
    const [first, ...more] = diagnostics.filter(({ severity }) => severity !== "warning");
    const message = valid || first === undefined ? "" : describe(file, first, more.length);
    if (message !== "" && told.get(name) !== message) tell(message);
    told.set(name, message);
  }
}

function describe(file: string, first: WorkflowListing["diagnostics"][number], more: number): string {
  const { code, line, column, message, remedy } = first;
  const rest = more === 0 ? "" : ` (${more} more)`;
  return `the workflow file ${file} cannot be run: ${line}:${column} ${code}: ${asSentence(message)} ${remedy}${rest}`;
}
