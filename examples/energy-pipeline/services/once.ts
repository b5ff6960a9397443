// The work of one service, done once, without a server: how the original's first phase ran its containers.
import { createDataRoot, createJsonLog } from "../../../src/service/index.ts";
import { describeFailure, type ServiceKind } from "./start.ts";

export interface OnceOptions {
  readonly dataRoot: string;
  /** As in a workflow file; the kind's own if left out. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Leaves no half of a file behind. */
  readonly signal: AbortSignal;
}

/**
 * @returns the message of the success
 * @throws Error with the message that a caller over gRPC would get with `success = false`
 */
export async function runOnce(kind: ServiceKind, options: OnceOptions): Promise<string> {
  const { signal } = options;
  try {
    const execute = kind.create(await createDataRoot(options.dataRoot));
    const request = {
      inputFile: options.input ?? kind.files.input,
      outputFile: options.output ?? kind.files.output,
    };
    return await execute(request, { signal, metadata: () => undefined, log: createJsonLog(kind.name) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(describeFailure(kind, reason), { cause: error });
  }
}
