import type { Json, JsonObject } from "../../../kernel/json.ts";
import { boundText, hasReferences } from "../../model/template.ts";
import { templateText } from "../../model/template-text.ts";
import { isMount, type MountParts, optionRefers, optionText } from "./container-option.ts";
import type { Container, DockerNode } from "./node.ts";

export function writeDockerNode({ container, inputFile, outputFile }: DockerNode): JsonObject {
  return {
    ...containerFile(container),
    ...(inputFile === undefined ? {} : { input_file: templateText(inputFile) }),
    ...(outputFile === undefined ? {} : { output_file: templateText(outputFile) }),
  };
}

/**
 * A command line where possible (every container without references can be written as one), else the structured form.
 */
function containerFile({ program, options, image, args, env }: Container): JsonObject {
  if (!options.some(optionRefers) && ![image, ...args].some(hasReferences) && Object.keys(env).length === 0) {
    const words = [program, "run", ...options.map(optionText), boundText(image), ...args.map(boundText)];
    return { command: words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ") };
  }
  const texts = options.flatMap((option) => (isMount(option) ? [] : [templateText(option)]));
  const valuesOf = (name: string): readonly string[] =>
    texts.filter((text) => text.startsWith(`--${name}=`)).map((text) => text.slice(name.length + 3));
  const single = (name: string, read: (text: string) => Json): JsonObject =>
    Object.fromEntries(valuesOf(name).map((text) => [name, read(text)]));
  return {
    docker: {
      image: templateText(image),
      args: args.map(templateText),
      volumes: options.flatMap((option): Json[] => {
        if (isMount(option)) return [mountFile(option)];
        const text = templateText(option);
        return text.startsWith("--volume=") ? [text.slice("--volume=".length)] : [];
      }),
      env: Object.fromEntries([
        ...valuesOf("env").map(
          (text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const,
        ),
        ...Object.entries(env).map(([name, value]) => [name, templateText(value)] as const),
      ]),
      ...single("network", String),
      ...single("user", String),
      ...single("memory", String),
      ...single("cpus", Number),
    },
  };
}

function mountFile({ source, target, readOnly }: MountParts): JsonObject {
  return { source: templateText(source), target: templateText(target), read_only: readOnly };
}
