import { findMisplacedReference } from "../../model/template.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import { quote } from "../../tree/raw.ts";
import type { Reader, Values } from "../../tree/read-fields.ts";
import type { OwnFields, RawNode } from "../kind.ts";
import type { DOCKER_KEYS } from "./keys.ts";
import type { Container, DockerNode } from "./node.ts";
import { readCommand } from "./read-command.ts";
import { readStructured } from "./read-structured.ts";
import type { ContainerSettings } from "./settings.ts";

type RawDockerNode = RawNode<Values<typeof DOCKER_KEYS>>;

export function readDockerNode(
  reader: Reader,
  node: RawDockerNode,
  settings: ContainerSettings,
): OwnFields<DockerNode> | undefined {
  const container = readContainer(reader, node, settings);
  if (container === undefined) return undefined;
  const { input_file: inputFile, output_file: outputFile } = node.values;
  return {
    container,
    ...(inputFile === undefined ? {} : { inputFile }),
    ...(outputFile === undefined ? {} : { outputFile }),
  };
}

/** The container of a docker node, from its command or its structured form; undefined if it could not be read. */
function readContainer(
  reader: Reader,
  { entry, raw, values }: RawDockerNode,
  settings: ContainerSettings,
): Container | undefined {
  const { problems } = reader;
  const { id, place } = entry;
  const both = Object.hasOwn(raw, "command") && Object.hasOwn(raw, "docker");
  if (both) {
    const message = `the container ${quote(id)} has a command and docker; one of them says it all`;
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, "docker"), { at: "key" });
  }
  if (Object.hasOwn(raw, "docker")) {
    const container = readStructured(reader, raw.docker, placeAt(place, "docker"), settings);
    if (!both) return container;
  } else if (!Object.hasOwn(raw, "command")) {
    const message = `the container ${quote(id)} has no command, and no docker: { image, … } instead of one`;
    problems.add("WORKFLOW_MISSING_KEY", message, place, { at: "key" });
  }
  // A command with references has been reported: a shell would not know them either.
  if (values.command === undefined || findMisplacedReference(values.command) !== undefined) return undefined;
  return readCommandText(reader, id, values.command, placeAt(place, "command"), settings);
}

function readCommandText(
  { problems }: Reader,
  id: string,
  command: string,
  place: Place,
  { allow, splitCommand }: ContainerSettings,
): Container | undefined {
  if (splitCommand === undefined) throw new TypeError("a file with a command is read without what splits commands");
  const split = splitCommand(command);
  const suggest = problems.suggest;
  const { container, findings } =
    split.findings.length > 0
      ? { container: undefined, findings: split.findings }
      : readCommand(split.words, { id, allow, suggest });
  for (const { code, message, ...more } of findings) problems.add(code, message, place, more);
  return findings.length === 0 ? container : undefined;
}
