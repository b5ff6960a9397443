import type { DefinitionText } from "../../ports/runtime.ts";
import type { WorkflowGraph, WorkflowView } from "../../ports/workflow-library.ts";
import { serviceOf } from "../../workflow/node.ts";
import { paramsSchemaOf } from "../../workflow/schema/params-schema.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import type { Listed } from "./catalogue.ts";
import type { FileText, Parser } from "./parser.ts";
import type { Versions } from "./versions.ts";

const NO_GRAPH: WorkflowGraph = { nodes: [], edges: [] };

/** What views are made of. */
export interface ViewTools {
  readonly parser: Parser;
  readonly versions: Versions;
  definitionOf(listed: Listed, version: string): Promise<DefinitionText>;
  brokenText(listed: Listed): Promise<FileText | undefined>;
}

/** All that is known of a workflow, for whoever asks. */
export function createViews({ parser, versions, definitionOf, brokenText }: ViewTools) {
  async function viewText(
    text: FileText,
    workflow: Workflow | undefined,
  ): Promise<Omit<WorkflowView, keyof Listed["listing"] | "history">> {
    const shown = await parser.show(text);
    return {
      ...(shown === undefined ? {} : { definition_text: shown }),
      definition_format: text.format,
      graph: workflow === undefined ? NO_GRAPH : graphOf(workflow),
      params: workflow === undefined ? {} : paramsSchemaOf(workflow),
    };
  }

  async function viewVersion(listed: Listed, version: string): Promise<WorkflowView> {
    const definition = await definitionOf(listed, version);
    const { listing } = listed;
    const fileName = listing.file;
    // Another version of Busbar may have taken what this one does not.
    const { parsed, locate } = await parser.parse(Buffer.from(definition.text), { fileName });
    const stored = versions.of(listed.name).findLast(({ definition_hash }) => definition_hash === version);
    return {
      ...listing,
      valid: parsed.ok,
      definition_hash: version,
      nodes: parsed.ok ? parsed.value.nodes.length : 0,
      diagnostics: await locate(parsed.ok ? parsed.value.warnings : parsed.error),
      updated_at: stored?.at ?? listing.updated_at,
      ...(await viewText(definition, parsed.ok ? parsed.value : undefined)),
      history: historyOf(listed),
    };
  }

  function historyOf({ name, isNamed }: Listed): WorkflowView["history"] {
    const kept = isNamed ? versions.of(name) : [];
    return kept
      .toReversed()
      .map(({ definition_hash, at, by }) => ({ definition_hash, at, ...(by === undefined ? {} : { by }) }));
  }

  return {
    async view(listed: Listed, version: string | undefined): Promise<WorkflowView> {
      const { listing, state } = listed;
      if (version !== undefined) return viewVersion(listed, version);
      if (listing.valid && listing.definition_hash !== undefined) {
        const definition = await definitionOf(listed, listing.definition_hash);
        const workflow = await parser.read(definition);
        return { ...listing, ...(await viewText(definition, workflow)), history: historyOf(listed) };
      }
      const text = await brokenText(listed);
      const shown = text === undefined ? undefined : await viewText(text, undefined);
      const nothing = { definition_format: state.format, graph: NO_GRAPH, params: {} };
      return { ...listing, ...(shown ?? nothing), history: historyOf(listed) };
    },
  };
}

function graphOf(workflow: Workflow): WorkflowGraph {
  const { ids, upstream } = workflow.graph;
  return {
    nodes: workflow.nodes.map((node) => {
      const { id, executor, name } = node;
      const service = serviceOf(workflow, node)?.name;
      return {
        id,
        executor,
        ...(name === undefined ? {} : { name }),
        ...(service === undefined ? {} : { service }),
      };
    }),
    edges: ids.flatMap((to, position) => (upstream[position] ?? []).map((from) => ({ from: ids[from] ?? "", to }))),
  };
}
