import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_RETENTION } from "../app/server/retention.ts";
import { describeRetention, parseRetention } from "./retention.ts";

describe("parseRetention", () => {
  it("keeps what is not named as it is without the option", () => {
    assert.deepEqual(parseRetention(undefined), {
      max_age_ms: 7_776_000_000,
      max_runs: 100_000,
      max_bytes: 10_737_418_240,
    });
    assert.deepEqual(parseRetention("max-runs=7"), { ...DEFAULT_RETENTION, max_runs: 7 });
    assert.deepEqual(parseRetention("max-age=12h,max-bytes=off,max-runs=0"), { max_age_ms: 43_200_000, max_runs: 0 });
    assert.deepEqual(parseRetention("off"), {});
  });

  it("refuses what it does not know", () => {
    for (const text of [
      "",
      "on",
      "max-runs",
      "max-runs=-1",
      "max-runs=1.5",
      "max-age=7",
      "runs=3",
      "max-bytes=x",
      "off,off",
    ]) {
      assert.throws(() => parseRetention(text), { code: "USAGE" }, text);
    }
  });
});

describe("describeRetention", () => {
  it("says in one line what applies", () => {
    const all = "for 90 days, at most 100,000, within 10 GiB";
    assert.equal(
      describeRetention(DEFAULT_RETENTION),
      `retention: ended runs that a server started are kept ${all}; --retention changes it`,
    );
    assert.match(describeRetention({ max_age_ms: 86_400_000 }), /are kept for 1 day; /);
    assert.match(describeRetention({ max_bytes: 2e9 }), /are kept within 2.0 GB; /);
    assert.equal(describeRetention({}), "retention: runs are kept until somebody prunes them");
  });
});
