// What is wrong with a container, and what to do about it: never only that something is to be mended.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERRORS } from "../../../kernel/error-table.ts";
import { parseWorkflow } from "../../parse.ts";
import { locateDiagnostics } from "../../text/locate.ts";
import { judgeOption } from "./judge-option.ts";
import { findOption, optionNames } from "./option-names.ts";

async function problemsOf(node: object, more: object = {}) {
  const source = {
    fileName: "t.json",
    text: JSON.stringify({ workflow_name: "t", containers: [{ id: "a", ...node }], ...more }),
  };
  const parsed = await parseWorkflow(source);
  return parsed.ok ? [] : locateDiagnostics(parsed.error, source);
}

const command = async (options: string) => problemsOf({ command: `docker run -v /a:/b ${options} image` });

describe("an option that is not possible", () => {
  it("comes with what to do, whichever option it is", () => {
    let refused = 0;
    for (const program of ["docker", "podman"] as const) {
      for (const written of optionNames(program)) {
        const takesValue = findOption(program, written)?.takesValue === true;
        for (const value of takesValue ? ["x", "./x", "/x", "x=y", ""] : [true]) {
          const judged = judgeOption(written.slice(2), value, []);
          if (!("invalid" in judged)) continue;
          refused += 1;
          if (/^--(?:mount|volume)$/.test(written) && judged.remedy === undefined) continue;
          assert.match(judged.remedy ?? "", /^[A-Z].*\.$/, `${written} ${value}: ${judged.invalid}`);
          assert.doesNotMatch(judged.invalid, /leave it out/);
        }
      }
    }
    assert.ok(refused > 40, `${refused}`);
  });

  it("is named as it was written, at its word, and can be left out", async () => {
    const cases: readonly (readonly [string, string, string, RegExp])[] = [
      ["-d", "", "-d", /^Leave --detach \(-d\) out\.$/],
      ["-it", "-i", "-it", /^Leave --tty \(-t\) out\.$/],
      ["--detach=true", "", "--detach=true", /^Leave --detach \(-d\) out\.$/],
      ["--restart always", "", "--restart always", /retryable_exit_codes/],
      ["-v ./rel:/d", "-v /rel:/d", "-v ./rel:/d", /^Write the full path of ".\/rel", from the root/],
      ["-v rel/x:/d", "-v /rel/x:/d", "-v rel/x:/d", /^Write the full path of "rel\/x"/],
      [
        "--mount type=bind,source=rel,target=/d",
        "--mount type=volume,source=rel,target=/d",
        "--mount type=bind,source=rel,target=/d",
        /^Write the full path of "rel", from the root; a volume of that name is mounted with type=volume\.$/,
      ],
      ["-v /a:rel", "-v /a:/rel", "-v /a:rel", /^Begin the path in the container with/],
      ["-v /a:/b:rx", "-v /a:/b:ro", "-v /a:/b:rx", /^Write ro for read-only/],
      ["--env-file vars", "--env-file /vars", "--env-file vars", /^Write the full path/],
      ["--nme x", "--name xy", "--nme", /^Mend its spelling/],
    ];
    for (const [wrong, right, marked, remedy] of cases) {
      const [found, ...more] = await command(wrong);
      assert.deepEqual(more, []);
      assert.equal(found?.source_line.slice(0, 200).includes(marked), true);
      assert.match(found?.remedy ?? "", remedy);
      assert.notEqual(found?.remedy, ERRORS.WORKFLOW_INVALID_VALUE.remedy);
      assert.equal(found?.length, marked.length);
      assert.deepEqual(await command(right), []);
    }
  });
});

describe("a container without volumes", () => {
  it("is told how to add one in the form that it has", async () => {
    const [structured] = await problemsOf({ docker: { image: "i" } });
    assert.match(structured?.remedy ?? "", /^Add volumes: \[/);
    const [line] = await problemsOf({ command: "docker run image" });
    assert.match(line?.remedy ?? "", /^Add -v /);
  });
});
