import { type Binding, bindTemplate, boundText, hasReferences, type Template } from "../../model/template.ts";
import { formatCsv } from "./csv.ts";
import { isAbsolute } from "./host-paths.ts";

/** A mount in parts: its record is written once references are filled in, so that no value can end a field of it. */
export interface MountParts {
  /** A host path, or the name of a volume. */
  readonly source: Template;
  readonly target: Template;
  readonly readOnly: boolean;
}

/** `--name=value` or `--name` by its long name, or a mount of the structured form. */
export type ContainerOption = Template | MountParts;

export function isMount(option: ContainerOption): option is MountParts {
  return typeof option === "object" && !Array.isArray(option);
}

export function optionRefers(option: ContainerOption): boolean {
  return isMount(option) ? [option.source, option.target].some(hasReferences) : hasReferences(option);
}

export function bindOption(option: ContainerOption, binding: Binding): ContainerOption {
  if (!isMount(option)) return bindTemplate(option, binding);
  const [source, target] = [bindTemplate(option.source, binding), bindTemplate(option.target, binding)];
  return { ...option, source, target };
}

/** The option as the engine's client gets it; it is bound. */
export function optionText(option: ContainerOption): string {
  return isMount(option)
    ? `--mount=${mountRecord(boundText(option.source), boundText(option.target), option.readOnly)}`
    : boundText(option);
}

/** What `--mount` takes. As with `--volume`, a source that is no absolute path is the name of a volume. */
export function mountRecord(source: string, target: string, readOnly: boolean): string {
  const type = isAbsolute(source) ? "bind" : "volume";
  return formatCsv([`type=${type}`, `source=${source}`, `target=${target}`, ...(readOnly ? ["readonly"] : [])]);
}
