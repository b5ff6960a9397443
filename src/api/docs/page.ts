// The description of the API as one page of HTML. It is made here, of openapi.json, and not in the browser by one of the
// well-known libraries: they weigh 1 to 3 MB, and put styles and scripts into the page that its policy does not let live.
import type { ApiDocument } from "../description.ts";
import { type Schema, schemaText } from "./schema-text.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content?: Content } };
  readonly "x-role"?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Content {
  readonly [type: string]: { readonly schema?: Schema };
}

/** An operation with where it is. */
interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** All operations of a description, in its order. */
export function operationsOf(document: ApiDocument): readonly Place[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as { readonly [method: string]: Operation }).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/** A page that shows all of a description, and loads nothing but `docs.css` beside it. */
export function renderDocsPage(document: ApiDocument): string {
  const places = operationsOf(document);
  const groups = (document.tags ?? []).map(({ name, description = "" }) => ({
    name,
    description,
    places: places.filter(({ operation }) => operation.tags?.[0] === name),
  }));
  const schemas = Object.entries((document.components?.schemas ?? {}) as { readonly [name: string]: Schema });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(document.info.title)} API</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<nav aria-label="Operations">
<a href="#top">${text(document.info.title)} ${text(document.info.version)}</a>
${groups.map(({ name, places }) => `<h2>${text(name)}</h2>\n<ul>${places.map(link).join("")}</ul>`).join("\n")}
<h2>shapes</h2>
<ul>${schemas.map(([name]) => `<li><a href="#shape-${name}">${text(name)}</a></li>`).join("")}</ul>
</nav>
<main id="top">
<h1>${text(document.info.title)} API</h1>
<p>${text(document.info.description ?? "")} As OpenAPI 3.1: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<p>Send a token as <code>Authorization: Bearer …</code>. What is wrong is told as a problem (RFC 9457) with a code and what to do.</p>
${groups.map(({ name, description, places }) => `<h2>${text(name)}</h2>\n<p>${text(description)}</p>\n${places.map(section).join("\n")}`).join("\n")}
<h2>Shapes</h2>
${schemas.map(([name, schema]) => `<section id="shape-${name}"><h3>${text(name)}</h3>${fields(schema)}</section>`).join("\n")}
</main>
</body>
</html>
`;
}

function link({ method, path, operation }: Place): string {
  return `<li><a href="#${text(operation.operationId ?? "")}"><b>${method}</b> ${text(path.replace("/api/v1", ""))}</a></li>`;
}

function section({ method, path, operation }: Place): string {
  const { operationId = "", summary = "", parameters = [], requestBody, responses } = operation;
  const role = operation["x-role"];
  return [
    `<section id="${text(operationId)}">`,
    `<h3><b>${method}</b> <code>${text(path)}</code></h3>`,
    `<p>${prose(summary)}.${role === undefined ? "" : ` <span class="role">needs ${text(role)}</span>`}</p>`,
    parameters.length === 0 ? "" : table(parameters.map(parameterRow)),
    requestBody === undefined ? "" : `<h4>Body</h4>${content(requestBody.content)}`,
    "<h4>Answers</h4>",
    table(
      Object.entries(responses).map(([status, { description, content: types }]) => [
        `<b>${status === "default" ? "other" : status}</b>`,
        prose(description),
        // Problems have one shape.
        status === "default" || Number(status) >= 400 ? "" : content(types ?? {}),
      ]),
    ),
    "</section>",
  ].join("\n");
}

function parameterRow({ name, in: where, required = false, description = "", schema = {} }: Parameter): Row {
  const { minimum, maximum } = schema;
  const bounds = minimum === undefined && maximum === undefined ? "" : ` ${minimum ?? ""} … ${maximum ?? ""}`;
  return [
    `<code>${text(name)}</code> <small>${text(where)}${required ? "" : ", optional"}</small>`,
    `${shape(schema)}${text(bounds)}`,
    prose(description || (schema.description ?? "")),
  ];
}

function content(types: Content): string {
  return Object.entries(types)
    .map(([type, { schema = {} }]) => `<div><small>${text(type)}</small> ${shape(schema)}</div>`)
    .join("");
}

function fields(schema: Schema): string {
  const description = schema.description === undefined ? "" : `<p>${prose(schema.description)}</p>`;
  const { properties, required = [] } = schema;
  if (properties === undefined) return `${description}<p>${shape(schema)}</p>`;
  return `${description}${table(
    Object.entries(properties).map(([name, field]) => [
      `<code>${text(name)}</code>${required.includes(name) ? "" : " <small>optional</small>"}`,
      shape(field),
      prose(field.description ?? ""),
    ]),
  )}`;
}

type Row = readonly [string, string, string];

function table(rows: readonly Row[]): string {
  return `<table><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
}

/** The type of a schema; names of shapes lead to them. */
function shape(schema: Schema): string {
  const name = schema.$ref === undefined ? undefined : schemaText(schema);
  if (name !== undefined) return `<a href="#shape-${name}"><code>${text(name)}</code></a>`;
  if (schema.items?.$ref !== undefined) return `${shape(schema.items)}<code>[]</code>`;
  return `<code>${text(schemaText(schema))}</code>`;
}

/** Prose with words of code in it. */
function prose(words: string): string {
  return text(words).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function text(raw: string): string {
  return raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
