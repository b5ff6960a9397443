import { parseBytes } from "../../adapters/workflow-file/read-file.ts";
import { createYamlApart } from "../../adapters/workflow-file/yaml-apart.ts";
import type { FileText, Parser } from "../../adapters/workflow-library/parser.ts";
import { err } from "../../kernel/result.ts";
import { checkPolicy } from "../../workflow/policy/check-policy.ts";
import { maskDefinition } from "../../workflow/shown/mask-definition.ts";
import type { ReadText } from "../../workflow/text/read-text.ts";
import { readTree, withoutBom } from "../../workflow/text/source.ts";
import { isRawObject } from "../../workflow/tree/raw.ts";
import type { Shared } from "../shared.ts";

/** As long as `workflow_name` may be. */
const MAX_NAME = 200;

/**
 * Reads the texts of a workflow library as runs read theirs, and holds them against the host's policy: what it refuses
 * whatever the params is wrong with a file, too.
 */
export function createWorkflowParser({ definitions, policy }: Pick<Shared, "definitions" | "policy">): Parser {
  const options = { yamlApart: createYamlApart() };

  const read = ({ text, format }: FileText): Promise<ReadText> => readTree(withoutBom(text), format, options);

  return {
    async parse(bytes, from) {
      const file = await parseBytes(bytes === undefined ? undefined : Buffer.from(bytes), from);
      if (!file.parsed.ok) return file;
      const refused = checkPolicy(policy, file.parsed.value);
      return refused.length === 0 ? file : { ...file, parsed: err(refused) };
    },
    read: definitions.read,
    async show(text) {
      // Of a text with a key twice, one of the two is seen.
      const { value, diagnostics } = await read(text);
      return value === undefined || diagnostics.length > 0 ? undefined : maskDefinition(text, options);
    },
    async findName(text) {
      const { value } = await read(text);
      const name = isRawObject(value) ? value.workflow_name : undefined;
      return typeof name === "string" && name !== "" && name.length <= MAX_NAME ? name : undefined;
    },
  };
}
