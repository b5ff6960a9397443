import { boolean, choices, template, text } from "../../tree/fields.ts";
import { GRPC_STATUSES } from "./statuses.ts";

/** The keys of a grpc node beside those of every node; the schema beside this describes them. */
export const GRPC_KEYS = {
  service: text(100),
  input_file: template(),
  output_file: template(),
} as const;

export const GRPC_RETRY_KEYS = {
  retryable_status_codes: choices("names of gRPC statuses other than OK", GRPC_STATUSES, ["UNAVAILABLE"]),
  retry_failure_reply: boolean(false),
} as const;
