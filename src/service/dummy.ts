import { requireObject } from "../kernel/arguments.ts";
import type { ServeOptions } from "./options.ts";
import { type RunningService, serve } from "./serve.ts";

/**
 * A service that touches no file and always succeeds, to try a workflow
 * without its services.
 *
 * @param options.port 0 takes a free one; 50051 if left out
 * @throws BusbarError ADDRESS_UNAVAILABLE where it cannot listen; USAGE
 */
export async function startDummyServer(
  options: Partial<Pick<ServeOptions, "host" | "port" | "log" | "signals">> = {},
): Promise<RunningService> {
  requireObject("options", options);
  return serve({
    port: 50051,
    ...options,
    name: "dummy",
    allowEmptyPaths: true,
    execute: ({ inputFile, outputFile }) => `Dummy processed ${inputFile} to ${outputFile}`,
  });
}
