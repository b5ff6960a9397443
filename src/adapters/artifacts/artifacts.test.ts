import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import type { Artifact, RowRange, Span } from "../../ports/artifacts.ts";
import { createArtifacts } from "./artifacts.ts";
import { createRowFinder } from "./find-rows.ts";
import { openBeneath } from "./open-beneath.ts";
import { openChecked } from "./open-checked.ts";
import { createRowIndex } from "./row-index.ts";

let folder = "";
let data = "";
const clock = createSteppingClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-artifacts-"));
  data = join(folder, "data");
  mkdirSync(join(data, "runs", "a"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "outside");
  mkdirSync(join(folder, "outside"));
  writeFileSync(join(folder, "outside", "x.csv"), "outside");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function text(artifact: Artifact, span?: Span): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of artifact.read(span)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

for (const [way, open] of [
  ["going from handle to handle", openBeneath],
  ["looking before and after", openChecked],
] as const) {
  const artifacts = () =>
    createArtifacts({
      dataDirs: [
        { prefix: "/data", dir: data },
        { prefix: ".", dir: data },
      ],
      clock,
      open,
    });
  const refusal = async (path: string): Promise<string> => {
    const opened = await artifacts()
      .open(path)
      .catch((thrown: unknown) => thrown);
    if (opened instanceof Error) return `${"code" in opened ? opened.code : ""} ${opened.message}`;
    await (opened as Artifact).close();
    return "opened";
  };

  describe(`artifacts, ${way}`, () => {
    it("opens what a node names, absolute and relative, and reads ranges of it", async () => {
      writeFileSync(join(data, "runs", "a", "out.json"), '{"a":1}');
      for (const path of ["/data/runs/a/out.json", "runs/a/out.json", "/data//runs/./b/../a/out.json"]) {
        const artifact = await artifacts().open(path);
        assert.equal(artifact.name, "out.json");
        assert.equal(artifact.size, 7);
        assert.equal(artifact.mediaType, "application/json");
        assert.equal(await text(artifact), '{"a":1}');
        assert.equal(await text(artifact, { start: 1, end: 4 }), '"a"');
        assert.equal(await text(artifact, { start: 5, end: 100 }), "1}");
        await artifact.close();
      }
    });

    it("refuses what leads out of the folder, whether anything is there or not (F1)", async () => {
      const paths = ["/data/../secret.txt", "../secret.txt", "/etc/passwd", "/datax/y", "", "/data", ".", "/data/a\0b"];
      for (const path of [...paths, "..", "/..", "runs/../../secret.txt"]) {
        assert.match(await refusal(path), /^ARTIFACT_REFUSED /, path);
      }
    });

    it("does not take a name with dots, percents or backslashes for a way", async () => {
      for (const name of ["..%2fsecret.txt", "%2e%2e", "...", "..\\secret.txt"]) {
        assert.match(await refusal(`/data/${name}`), /^ARTIFACT_(?:NOT_FOUND|REFUSED) /, name);
      }
    });

    it("follows no link, neither of the file nor of a folder, inside or outside (F1)", async () => {
      symlinkSync(join(folder, "secret.txt"), join(data, "link.txt"));
      symlinkSync(folder, join(data, "up"));
      symlinkSync("runs", join(data, "inner"));
      symlinkSync("nowhere", join(data, "dangling"));
      writeFileSync(join(data, "runs", "x.txt"), "x");
      for (const path of ["/data/link.txt", "/data/up/secret.txt", "/data/inner/x.txt", "/data/dangling"]) {
        assert.match(await refusal(path), /^ARTIFACT_REFUSED .* is a link/, path);
      }
    });

    it("says of what is not there that it is not, and no word of where the folder is", async () => {
      writeFileSync(join(data, "plain"), "");
      for (const path of ["/data/none", "/data/none/none", "/data/plain/below", `/data/${"n".repeat(300)}`]) {
        const said = await refusal(path);
        assert.match(said, /^ARTIFACT_NOT_FOUND /, path);
        assert.ok(!said.includes(folder));
      }
      const gone = createArtifacts({ dataDirs: [{ prefix: "/data", dir: join(folder, "gone") }], clock, open });
      await assert.rejects(gone.open("/data/x"), { code: "ARTIFACT_NOT_FOUND", message: "/data is not there" });
    });

    it("refuses folders, pipes and sockets, and waits for none of them (F2)", async () => {
      execFileSync("mkfifo", [join(data, "pipe")]);
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(data, "socket"), resolve));
      try {
        for (const path of ["/data/runs", "/data/pipe", "/data/socket"]) {
          assert.match(await refusal(path), /^ARTIFACT_REFUSED .* is no regular file/, path);
        }
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
      const devices = createArtifacts({ dataDirs: [{ prefix: "/dev", dir: "/dev" }], clock, open });
      await assert.rejects(devices.open("/dev/zero"), { code: "ARTIFACT_REFUSED" });
    });
  });
}

describe("an artifact", () => {
  const artifacts = () => createArtifacts({ dataDirs: [{ prefix: "/data", dir: data }], clock });
  const large = "0123456789abcdef".repeat(16_384);

  it("never gives what is outside while a folder is swapped for a link all the time (F1)", async () => {
    const swapped = join(data, "swapped");
    mkdirSync(swapped);
    writeFileSync(join(swapped, "x.csv"), "inside");
    const aside = join(data, "aside");
    let on = true;
    const swapping = (async () => {
      while (on) {
        renameSync(swapped, aside);
        symlinkSync(join(folder, "outside"), swapped);
        await new Promise(setImmediate);
        rmSync(swapped);
        renameSync(aside, swapped);
        await new Promise(setImmediate);
      }
    })();
    let opened = 0;
    try {
      for (let tries = 0; tries < 500; tries += 1) {
        const artifact = await artifacts()
          .open("/data/swapped/x.csv")
          .catch(() => undefined);
        if (artifact === undefined) continue;
        opened += 1;
        assert.equal(await text(artifact), "inside");
        await artifact.close();
      }
    } finally {
      on = false;
      await swapping;
    }
    assert.ok(opened > 0);
  });

  it("is the file that was opened, also once another has its name (F3)", async () => {
    const path = join(data, "replaced.txt");
    writeFileSync(path, "old");
    const artifact = await artifacts().open("/data/replaced.txt");
    writeFileSync(`${path}.new`, "newer");
    renameSync(`${path}.new`, path);
    assert.equal(await text(artifact), "old");
    await artifact.close();
  });

  it("ends with an error where it shrinks, grows or is written into while it is read (F3)", async () => {
    const path = join(data, "changing.txt");
    const changes = [() => truncateSync(path, 70_000), () => truncateSync(path, 0), () => appendFileSync(path, "x")];
    for (const change of [...changes, () => writeFileSync(path, large.toUpperCase())]) {
      writeFileSync(path, large);
      utimesSync(path, 1000, 1000);
      const artifact = await artifacts().open("/data/changing.txt");
      let got = 0;
      const reading = (async () => {
        for await (const piece of artifact.read()) {
          if (got === 0) change();
          got += piece.length;
        }
      })();
      await assert.rejects(reading, { code: "ARTIFACT_CHANGED" });
      assert.ok(got < large.length);
      await artifact.close();
    }
  });

  it("has another tag for another content, a weak one while the same time may stand for two", async () => {
    const path = join(data, "tagged.txt");
    const tagOf = async (): Promise<string> => {
      const artifact = await artifacts().open("/data/tagged.txt");
      await artifact.close();
      return artifact.etag;
    };
    writeFileSync(path, "one");
    utimesSync(path, 1000, 1000);
    const first = await tagOf();
    assert.match(first, /^"[0-9a-z-]+"$/);
    assert.equal(await tagOf(), first);
    writeFileSync(path, "two");
    utimesSync(path, 1000, 1000);
    assert.notEqual(await tagOf(), first);
    utimesSync(path, clock.now() / 1000 - 1, clock.now() / 1000 - 1);
    assert.match(await tagOf(), /^W\/"[0-9a-z-]+"$/);
  });

  it("of a file with a time that no calendar has says the nearest one that it has", async () => {
    writeFileSync(join(data, "late.txt"), "");
    execFileSync("touch", ["-d", "@99999999999999", join(data, "late.txt")]);
    const artifact = await artifacts().open("/data/late.txt");
    assert.match(artifact.modifiedAt, /^\+?\d+-/);
    await artifact.close();
  });

  it("is bytes, or text, where a browser would run it", async () => {
    for (const [name, type] of [
      ["a.html", "application/octet-stream"],
      ["a.svg", "application/octet-stream"],
      ["a.constructor", "application/octet-stream"],
      ["noending", "application/octet-stream"],
      ["a.pb", "application/protobuf"],
      ["A.CSV", "text/csv; charset=utf-8"],
    ] as const) {
      writeFileSync(join(data, name), "");
      const artifact = await artifacts().open(`/data/${name}`);
      assert.equal(artifact.mediaType, type);
      assert.equal(await text(artifact), "");
      await artifact.close();
    }
  });

  it("is read beneath the folder that a link of the host leads to, and a hard link is a file as any", async () => {
    symlinkSync(data, join(folder, "named"));
    writeFileSync(join(data, "one.txt"), "1");
    linkSync(join(data, "one.txt"), join(data, "two.txt"));
    const named = createArtifacts({ dataDirs: [{ prefix: "/data", dir: join(folder, "named") }], clock });
    const artifact = await named.open("/data/two.txt");
    assert.equal(await text(artifact), "1");
    await artifact.close();
  });

  it("lies under the longest prefix that fits", async () => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    writeFileSync(join(inner, "x.txt"), "inner");
    const dataDirs = [
      { prefix: "/", dir: folder },
      { prefix: "/data/runs/", dir: inner },
      { prefix: "/data", dir: data },
    ];
    const artifact = await createArtifacts({ dataDirs, clock }).open("/data/runs/x.txt");
    assert.equal(await text(artifact), "inner");
    await artifact.close();
  });
});

describe("rows of an artifact", () => {
  const artifacts = () => createArtifacts({ dataDirs: [{ prefix: "/data", dir: data }], clock });
  const rowsOf = async (content: string | Buffer, wanted: RowRange) => {
    writeFileSync(join(data, "rows.csv"), content);
    const artifact = await artifacts().open("/data/rows.csv");
    try {
      const { header, rows, ...rest } = await artifact.findRows(wanted);
      return { header: await text(artifact, header), rows: await text(artifact, rows), ...rest };
    } finally {
      await artifact.close();
    }
  };

  it("are found with their header, and the end is told where it was reached", async () => {
    const csv = "h\n1\n2\n3\n";
    assert.deepEqual(await rowsOf(csv, { first: 1, last: 2 }), { header: "h\n", rows: "1\n2\n", count: 2 });
    assert.deepEqual(await rowsOf(csv, { first: 2, last: 3 }), { header: "h\n", rows: "2\n3\n", count: 2, total: 3 });
    assert.deepEqual(await rowsOf(csv, { first: 3, last: 9 }), { header: "h\n", rows: "3\n", count: 1, total: 3 });
    assert.deepEqual(await rowsOf(csv, { first: 4, last: 9 }), { header: "h\n", rows: "", count: 0, total: 3 });
    assert.deepEqual(await rowsOf("h\n1", { first: 1, last: 1 }), { header: "h\n", rows: "1", count: 1, total: 1 });
    assert.deepEqual(await rowsOf("h", { first: 1, last: 1 }), { header: "h", rows: "", count: 0, total: 0 });
    assert.deepEqual(await rowsOf("", { first: 1, last: 1 }), { header: "", rows: "", count: 0, total: 0 });
  });

  it("may hold line ends and doubled quotes within quotes, and end in CRLF", async () => {
    const csv = 'a,b\r\n"x\r\n,""y""\n",1\r\n"",2\r\n5" pipe,3\r\n"q"\r\nlast,""';
    const row = async (number: number) => (await rowsOf(csv, { first: number, last: number })).rows;
    assert.equal(await row(1), '"x\r\n,""y""\n",1\r\n');
    assert.equal(await row(2), '"",2\r\n');
    assert.equal(await row(3), '5" pipe,3\r\n');
    assert.equal(await row(4), '"q"\r\n');
    assert.equal(await row(5), 'last,""');
  });

  it("are found the same wherever the pieces of the file end", async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, n) => `${n},"${"é\n,".repeat(n % 40)}""",${"x".repeat((n * 7) % 101)}\r\n`,
    );
    const csv = `\uFEFFn,text,more\r\n${rows.join("")}`;
    assert.ok(Buffer.byteLength(csv) > 3 * 64 * 1024);
    for (const first of [1, 700, 1500, 2990]) {
      const found = await rowsOf(csv, { first, last: first + 9 });
      assert.equal(found.rows, rows.slice(first - 1, first + 9).join(""));
      assert.equal(found.header, "\uFEFFn,text,more\r\n");
    }
  });

  it("are found again from where a file is known, in whatever order they are asked for", async () => {
    const later = { now: () => Date.now() + 60_000 };
    const settled = createArtifacts({ dataDirs: [{ prefix: "/data", dir: data }], clock: later });
    const find = async (first: number, last: number) => {
      const artifact = await settled.open("/data/known.csv");
      const { header, rows, ...rest } = await artifact.findRows({ first, last });
      const found = { header: await text(artifact, header), rows: await text(artifact, rows), ...rest };
      await artifact.close();
      return found;
    };
    const write = (mark: string, count: number): readonly string[] => {
      const rows = Array.from({ length: count }, (_, n) => `${n},"${mark}${"\n".repeat(n % 3)}"\n`);
      writeFileSync(join(data, "known.csv"), `n,text\n${rows.join("")}`);
      return rows;
    };
    const rows = write("x", 20_479); // with the header a multiple of what is known of lines
    for (const first of [9_000, 4_095, 4_096, 4_097, 1, 20_470, 12_288, 8_191]) {
      const found = await find(first, first + 5);
      assert.deepEqual([found.header, found.rows], ["n,text\n", rows.slice(first - 1, first + 5).join("")]);
    }
    for (let times = 0; times < 2; times += 1) {
      assert.deepEqual(await find(99_999, 99_999), { header: "n,text\n", rows: "", count: 0, total: 20_479 });
    }
    const others = write("longer", 9_000);
    assert.equal((await find(8_998, 9_004)).rows, others.slice(8_997).join(""));
  });

  it("far into a file are looked for from the last line that is known before them", () => {
    const bytes = Buffer.from(`h\n${"x\n".repeat(10_000)}`);
    const index = createRowIndex();
    const whole = createRowFinder({ first: 99_999, last: 99_999 }, index);
    whole.take(bytes);
    assert.equal(whole.found(bytes.length).total, 10_000);
    const finder = createRowFinder({ first: 9_000, last: 9_000 }, index);
    assert.equal(finder.start, 8_192 * 2);
    assert.equal(finder.take(bytes.subarray(finder.start)), true);
    assert.deepEqual(finder.found(bytes.length), {
      ...{ header: { start: 0, end: 2 }, rows: { start: 18_000, end: 18_002 }, count: 1 },
    });
  });

  it("of a line without an end, or within a quote that is never closed, take no memory (F4)", async () => {
    const huge = Buffer.alloc(32 * 1024 * 1024, "x");
    huge.write("h\n");
    for (const quote of ["x", '"']) {
      huge.write(quote, 2);
      writeFileSync(join(data, "huge.csv"), huge);
      const artifact = await artifacts().open("/data/huge.csv");
      const { rows, count, total } = await artifact.findRows({ first: 1, last: 10 });
      assert.deepEqual({ rows, count, total }, { rows: { start: 2, end: huge.length }, count: 1, total: 1 });
      await artifact.close();
    }
  });

  it("are looked for until the signal aborts", async () => {
    writeFileSync(join(data, "long.csv"), "1\n".repeat(200_000));
    const artifact = await artifacts().open("/data/long.csv");
    const finding = artifact.findRows({ first: 150_000, last: 150_001 }, AbortSignal.abort(new Error("gone")));
    await assert.rejects(finding, /gone/);
    await artifact.close();
  });

  it("are refused of what is no CSV", async () => {
    writeFileSync(join(data, "rows.txt"), "h\n1\n");
    const artifact = await artifacts().open("/data/rows.txt");
    await assert.rejects(artifact.findRows({ first: 1, last: 1 }), { code: "ARTIFACT_NO_ROWS" });
    await artifact.close();
  });
});
