import { openJournalRequester } from "../adapters/journal-sqlite/requester.ts";
import type { RunControl } from "../ports/runtime.ts";
import { createRunRequester } from "../runtimes/shared/requester.ts";
import type { Busbar } from "./busbar.ts";
import type { OpenRunReader } from "./reader.ts";
import type { Shared } from "./shared.ts";

/** Looks at the runs of a state directory, and asks something of them. */
export interface OpenRunRequester extends OpenRunReader, Pick<RunControl, "request"> {}

export interface RequesterOptions {
  readonly stateDir: string;
  readonly allowRemoteState?: boolean;
  /** Opens the state directory as an owner of runs: called once, for a run that nobody drives. */
  readonly openOwner: () => Promise<Busbar>;
}

/** Opens a state directory for asking: a request is one row. Nothing is owned unless nobody drives the run. */
export function openRequester(options: RequesterOptions, shared: Shared): OpenRunRequester {
  const { stateDir, allowRemoteState = false, openOwner } = options;
  const { clock, definitions } = shared;
  const journal = openJournalRequester({ stateDir, allowRemoteState, clock });
  let owner: Promise<Busbar> | undefined;
  const requester = createRunRequester({
    journal,
    clock,
    readDefinition: definitions.read,
    async takeOver({ runId, kind, key, by, reason }) {
      owner ??= openOwner();
      // The same request, by its key: whoever owns the run by now answers it.
      const why = reason === undefined ? {} : { reason };
      const result = await (await owner).request({ runId, kind, key, by, ...why });
      return result.kind === "recorded" ? undefined : result;
    },
  });
  return {
    ...requester,
    /** A run that was taken over ends here, or the owner says why it does not. */
    wait: async (runId, options) => ((await owner) ?? requester).wait(runId, options),
    async close() {
      requester.close();
      // One that could not be opened was told of by the request.
      await (await owner?.catch(() => undefined))?.close();
      await journal.close();
    },
  };
}
