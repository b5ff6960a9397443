import { isFields, refuseArgument, requireWord } from "../../kernel/arguments.ts";

/** What `readPolicy` makes. @throws BusbarError USAGE */
export function requirePolicy(name: string, value: unknown): void {
  if (!isFields(value) || !Array.isArray(value.env) || !Array.isArray(value.files) || !isFields(value.kinds)) {
    refuseArgument(name, "a policy, from readPolicy", value);
  }
  requireWord(`${name}.name`, value.name);
}
