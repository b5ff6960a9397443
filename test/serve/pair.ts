/** A workflow of two nodes that call one service, as the body of a request has it. */
export function pairOf(address: string): { readonly format: "json"; readonly text: string } {
  return {
    format: "json",
    text: JSON.stringify({
      workflow_name: "pair",
      start_node: "a",
      service_registry: { a: address, b: address },
      containers: {
        a: { input_file: "x", output_file: "y", next_node: "b" },
        b: { input_file: "y", output_file: "z" },
      },
    }),
  };
}
