// Loaded for the JSON Schema only.

import type { DescriptionsOf } from "../../schema/object-schema.ts";
import { REFERENCES } from "../../schema/references.ts";
import type { KindSchema } from "../kind-schema.ts";
import type { GRPC_KEYS, GRPC_RETRY_KEYS } from "./keys.ts";

const KEYS: DescriptionsOf<typeof GRPC_KEYS> = {
  service: "Name of the service in service_registry; the node's own id by default.",
  input_file: `The path the service reads, sent exactly as it stands here. ${REFERENCES}`,
  output_file: `The path the service writes, sent exactly as it stands here. ${REFERENCES}`,
};

const RETRY: DescriptionsOf<typeof GRPC_RETRY_KEYS> = {
  retryable_status_codes: "gRPC statuses of a failed attempt that allow another.",
  retry_failure_reply: "Whether a service's answer `success = false` allows another attempt.",
};

export const grpcSchema: KindSchema = {
  descriptions: KEYS,
  required: ["input_file", "output_file"],
  attempt: "a call, whose gRPC deadline it is",
  retry: RETRY,
};
