import { isRawObject, type RawObject } from "../../tree/raw.ts";

/**
 * The first form of the original: containers are docker commands, in a list that gives each an `id`
 * (contracts.md §4). Later files of that form have an object of nodes instead, and are known by their commands.
 */
export function isPhase1(tree: RawObject, containers: object): boolean {
  if (Array.isArray(containers)) return true;
  const nodes = Object.values(containers);
  const hasCommand = (node: unknown): boolean => isRawObject(node) && Object.hasOwn(node, "command");
  // With a service_registry a lone command is a slip in a grpc file, not a sign of the old form.
  return Object.hasOwn(tree, "service_registry") ? nodes.length > 0 && nodes.every(hasCommand) : nodes.some(hasCommand);
}
