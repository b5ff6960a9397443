import { create, toBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "../../src/gen/energy_pipeline_pb.ts";
import { PATHS } from "../harness/three-nodes.ts";

/** What the three nodes ask, encoded once: the floors pay for no message. */
export function executeRequests(): readonly Buffer[] {
  return PATHS.slice(0, -1).map((inputFile, index) =>
    Buffer.from(
      toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { inputFile, outputFile: PATHS[index + 1] ?? "" })),
    ),
  );
}
