import { placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { quote } from "../../tree/raw.ts";
import type { Reader, Values } from "../../tree/read-fields.ts";
import type { OwnFields, RawNode } from "../kind.ts";
import type { GRPC_KEYS } from "./keys.ts";
import type { GrpcNode } from "./node.ts";

export function readGrpcNode(
  { problems }: Reader,
  { entry, raw, values, services }: RawNode<Values<typeof GRPC_KEYS>>,
): OwnFields<GrpcNode> | undefined {
  for (const key of ["input_file", "output_file"] as const) {
    if (Object.hasOwn(raw, key)) continue;
    problems.add("WORKFLOW_MISSING_KEY", `the container ${quote(entry.id)} has no ${key}`, entry.place, { at: "key" });
  }
  const service = values.service ?? entry.id;
  if (services !== undefined && !services.has(service)) reportService(problems, entry, values.service, services);
  if (values.input_file === undefined || values.output_file === undefined) return undefined;
  return { service, inputFile: values.input_file, outputFile: values.output_file };
}

function reportService(
  problems: Problems,
  { id, idPlace, idAt, place }: RawNode["entry"],
  named: string | undefined,
  services: ReadonlySet<string>,
): void {
  const suggestion = problems.suggest(named ?? id, services);
  if (named === undefined) {
    const message = `the node ${quote(id)} has no address in service_registry`;
    problems.add("WORKFLOW_UNKNOWN_SERVICE", message, idPlace, { at: idAt, suggestion });
  } else {
    const message = `the service ${quote(named)} has no address in service_registry`;
    problems.add("WORKFLOW_UNKNOWN_SERVICE", message, placeAt(place, "service"), { suggestion });
  }
}
