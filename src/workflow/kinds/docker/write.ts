import type { Json, JsonObject } from "../../../kernel/json.ts";
import { templateText } from "../../model/template-text.ts";
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
  const words = [program, "run", ...options, image, ...args].filter((one) => typeof one === "string");
  if (words.length === options.length + args.length + 3 && Object.keys(env).length === 0) {
    return { command: words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ") };
  }
  const texts = options.map(templateText);
  const valuesOf = (name: string): readonly string[] =>
    texts.filter((text) => text.startsWith(`--${name}=`)).map((text) => text.slice(name.length + 3));
  const single = (name: string, read: (text: string) => Json): JsonObject =>
    Object.fromEntries(valuesOf(name).map((text) => [name, read(text)]));
  return {
    docker: {
      image: templateText(image),
      args: args.map(templateText),
      volumes: valuesOf("volume"),
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
