// References (semantics.md, "References").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Template, TemplatePart } from "./template.ts";
import { bindTemplate, findMisplacedReference, parseTemplate } from "./template.ts";
import { templateText } from "./template-text.ts";

const scope = { params: new Map([["dir", 1]]), env: false };
const parse = (text: string, env = false) => parseTemplate(text, { ...scope, env });
const marked = (text: string, env = false) => parse(text, env).problems.map(({ start, end }) => text.slice(start, end));

describe("parseTemplate", () => {
  it("leaves a text without references alone", () => {
    for (const text of ["/data/in.csv", "", "$", "$5 {a}", "a$b", "${".slice(0, 1)]) {
      assert.deepEqual(parse(text), { template: text, problems: [] });
    }
  });

  it("reads params, run and env", () => {
    assert.deepEqual(parse("${params.dir}/a-${run.id}-${run.started_at}").template, [
      { scope: "params", name: "dir" },
      "/a-",
      { scope: "run", name: "id" },
      "-",
      { scope: "run", name: "started_at" },
    ]);
    assert.deepEqual(parse("Bearer ${env.TOKEN}", true).template, ["Bearer ", { scope: "env", name: "TOKEN" }]);
  });

  it("takes $${ for a literal ${", () => {
    assert.equal(parse("$${params.dir}").template, "${params.dir}");
    assert.equal(parse("$$${x}").template, "$${x}");
    assert.deepEqual(parse("$${a}${run.id}$${").template, ["${a}", { scope: "run", name: "id" }, "${"]);
  });

  it("reports everything else in ${…} at its place", () => {
    for (const text of [
      "${}",
      "${ params.dir }",
      "${params}",
      "${params.}",
      "${params.dir.x}",
      "${params['dir']}",
      "${run.name}",
      "${nodes.a.output}",
      "${params.dir",
      "${1+1}",
      "${PARAMS.dir}",
    ]) {
      assert.deepEqual(marked(`/a/${text}`), [text], text);
    }
    assert.deepEqual(marked("${a} ${run.id} $${b} ${c}"), ["${a}", "${c}"]);
  });

  it("allows env in metadata only, and declared params only", () => {
    assert.deepEqual(marked("${env.HOME}"), ["${env.HOME}"]);
    assert.deepEqual(marked("${env.HOME}", true), []);
    const [problem] = parse("${params.dri}").problems;
    assert.equal(problem?.undeclared, "dri");
    assert.deepEqual(parseTemplate("${params.any}", { params: undefined, env: false }).problems, []);
  });
});

describe("findMisplacedReference", () => {
  it("finds what looks like a reference, and leaves shell variables alone", () => {
    assert.deepEqual(findMisplacedReference("-v ${PWD}:/a ${params.dir}"), { start: 13, end: 26 });
    assert.equal(findMisplacedReference("docker run -v ${PWD}/data:/data ${image}"), undefined);
  });
});

const part: fc.Arbitrary<TemplatePart> = fc.oneof(
  // A $ before a reference cannot be written.
  fc
    .string({ unit: fc.constantFrom("a", "/", "{", "}", "$", "${"), maxLength: 6 })
    .filter((text) => !text.endsWith("$")),
  fc.constantFrom<TemplatePart>(
    { scope: "params", name: "dir" },
    { scope: "run", name: "id" },
    { scope: "env", name: "X" },
  ),
);

/** Neighbouring texts joined, as parsing gives them. */
function normal(parts: readonly TemplatePart[]): Template {
  const joined: TemplatePart[] = [];
  for (const one of parts) {
    const last = joined.at(-1);
    if (typeof one === "string" && typeof last === "string") joined[joined.length - 1] = last + one;
    else if (one !== "") joined.push(one);
  }
  const only = joined[0];
  if (joined.length === 0) return "";
  return joined.length === 1 && typeof only === "string" ? only : joined;
}

describe("templateText", () => {
  it("writes what parseTemplate reads, for any template", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const template = normal(parts);
        assert.deepEqual(parse(templateText(template), true), { template, problems: [] });
      }),
    );
  });
});

describe("bindTemplate", () => {
  const binding = { params: { dir: "/d", n: 3, flag: true }, runId: "run-1", startedAt: "2025-01-01T00:00:00.000Z" };

  it("fills params and run in, once: what a param says is not read again", () => {
    const bound = bindTemplate(parse("${params.dir}/${run.id}/${run.started_at}").template, {
      ...binding,
      params: { dir: "${run.id}" },
    });
    assert.equal(bound, "${run.id}/run-1/2025-01-01T00:00:00.000Z");
    assert.equal(
      bindTemplate(
        [
          { scope: "params", name: "n" },
          { scope: "params", name: "flag" },
        ],
        binding,
      ),
      "3true",
    );
  });

  it("leaves env references for the call", () => {
    assert.deepEqual(bindTemplate(["a", { scope: "run", name: "id" }, { scope: "env", name: "X" }, "b"], binding), [
      "arun-1",
      { scope: "env", name: "X" },
      "b",
    ]);
  });
});
