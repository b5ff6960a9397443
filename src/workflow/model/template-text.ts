import type { Template } from "./template.ts";

/** The template as it reads in a file: references as `${…}`, a literal `${` as `$${`. */
export function templateText(template: Template): string {
  if (typeof template === "string") return escapeLiteral(template);
  return template
    .map((part) => (typeof part === "string" ? escapeLiteral(part) : `\${${part.scope}.${part.name}}`))
    .join("");
}

function escapeLiteral(text: string): string {
  // A function, because `$$` in a replacement text would be one `$`.
  return text.replaceAll("${", () => "$${");
}
