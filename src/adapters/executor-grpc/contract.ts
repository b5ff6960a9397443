import type { DescribedMessage, DescribedService } from "./describe.ts";

/** The contract of a pipeline service (proto/energy_pipeline.proto; contracts.md §1). */
export const CONTRACT = {
  service: "ContainerExecutor",
  method: "Execute",
  path: "/ContainerExecutor/Execute",
  request: [
    { name: "input_file", number: 1, type: "string" },
    { name: "output_file", number: 2, type: "string" },
  ],
  response: [
    { name: "success", number: 1, type: "bool" },
    { name: "message", number: 2, type: "string" },
  ],
} as const;

type ContractField = (typeof CONTRACT)["request" | "response"][number];

/** How a service's description differs from the contract. */
export interface Differences {
  /** Calls would fail or be misread. */
  readonly errors: readonly string[];
  /** Other names for the same: calls work. */
  readonly warnings: readonly string[];
}

/** @param findMessage by full name; undefined where its description could not be had, which is no difference */
export function compareWithContract(
  service: DescribedService,
  findMessage: (name: string) => DescribedMessage | undefined,
): Differences {
  const errors: string[] = [];
  const warnings: string[] = [];
  const method = service.methods.find((one) => one.name === CONTRACT.method);
  if (method === undefined) {
    const others = service.methods.map((one) => one.name).join(", ");
    return { errors: [`${CONTRACT.service} has no method ${CONTRACT.method}, only ${others || "none"}`], warnings };
  }
  if (method.streams) errors.push(`${CONTRACT.service}/${CONTRACT.method} streams; Busbar calls it with one message`);
  for (const [typeName, fields] of [
    [method.input, CONTRACT.request],
    [method.output, CONTRACT.response],
  ] as const) {
    const message = findMessage(typeName);
    if (message === undefined) continue;
    for (const field of fields) compareField(message, field, errors, warnings);
  }
  return { errors, warnings };
}

function compareField(message: DescribedMessage, field: ContractField, errors: string[], warnings: string[]): void {
  const expected = `${field.type} ${field.name} = ${field.number}`;
  const namesake = message.fields.find((one) => one.name === field.name);
  const found = namesake ?? message.fields.find((one) => one.number === field.number);
  if (found === undefined) errors.push(`${message.name} has no ${expected}`);
  else if (found.number !== field.number || found.type !== field.type) {
    errors.push(`${message.name} has ${found.type} ${found.name} = ${found.number} where Busbar sends ${expected}`);
  } else if (namesake === undefined) {
    warnings.push(`${message.name} calls field ${field.number} ${found.name}, not ${field.name}`);
  }
}
