import { type Binding, bindTemplate, hasReferences } from "../../model/template.ts";
import { bindText } from "../../tree/bind-text.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { checkContainer } from "./check-container.ts";
import { bindOption, optionRefers } from "./container-option.ts";
import type { Container, DockerNode } from "./node.ts";

export function bindDockerNode(problems: Problems, node: DockerNode, binding: Binding, place: Place): DockerNode {
  if (!refers(node)) return node;
  const { container, inputFile, outputFile } = node;
  return {
    ...node,
    container: bindContainer(problems, container, binding, placeAt(place, "docker")),
    ...(inputFile === undefined ? {} : { inputFile: bindText(problems, inputFile, binding, place, "input_file") }),
    ...(outputFile === undefined ? {} : { outputFile: bindText(problems, outputFile, binding, place, "output_file") }),
  };
}

function refers({ container, inputFile = "", outputFile = "" }: DockerNode): boolean {
  const { options, image, args, env } = container;
  const texts = [image, ...args, ...Object.values(env), inputFile, outputFile];
  return options.some(optionRefers) || texts.some(hasReferences);
}

/**
 * The container with its references filled in, and checked again: a param may have turned an image into
 * an option, or a volume into a path that gives power over the machine. Only `env` references remain, in `env`.
 */
function bindContainer(problems: Problems, container: Container, binding: Binding, place: Place): Container {
  const env = Object.entries(container.env).map(([name, value]) => [name, bindTemplate(value, binding)] as const);
  const bound: Container = {
    ...container,
    options: container.options.map((option) => bindOption(option, binding)),
    image: bindTemplate(container.image, binding),
    args: container.args.map((arg) => bindTemplate(arg, binding)),
    env: Object.fromEntries(env),
  };
  checkContainer(problems, bound, place, container);
  return bound;
}
