/** The text of an upload: large enough to be written in more than one piece, and of another format now and then. */
export function textOf(number: number): { readonly format: "json" | "yaml"; readonly text: string } {
  const text = JSON.stringify({
    workflow_name: "uploaded",
    "x-number": number,
    "x-more": "-".repeat(200_000),
    service_registry: { a: "127.0.0.1:1" },
    containers: { a: { input_file: "in", output_file: "out" } },
  });
  // JSON is YAML.
  return { format: number % 3 === 0 ? "yaml" : "json", text };
}
