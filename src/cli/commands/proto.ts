import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { PROTO_TEXT } from "../proto-text.ts";

export const protoCommand: Command = {
  name: "proto",
  summary: "print the gRPC contract of a pipeline service",
  description:
    "A service in any language is made from it. Take it as it is: it has no package on purpose, because the name of the\n" +
    "method on the wire is /ContainerExecutor/Execute.",
  positionals: [],
  options: [],
  examples: [{ command: "busbar proto > energy_pipeline.proto", says: "then protoc, buf or grpc_tools" }],
  exitCodes: "0 printed",
  async run({ io }) {
    await io.out.printData(PROTO_TEXT);
    return EXIT_OK;
  },
};
