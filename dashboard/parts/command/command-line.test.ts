import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandLine, curlLine } from "./command-line.ts";

const ORIGIN = "http://127.0.0.1:8080";

describe("the command to type", () => {
  it("names the server that the page came from, where the command takes one", () => {
    assert.equal(commandLine("resume r1", ORIGIN), "busbar resume r1 --server http://127.0.0.1:8080");
    assert.equal(commandLine("token list", ORIGIN), "busbar token list");
    assert.equal(commandLine("tokens", ORIGIN), "busbar tokens --server http://127.0.0.1:8080");
  });

  it("is a request where no command does it, quoted for a shell", () => {
    const line = curlLine("POST", "/services/probe", { address: "it's:1" }, ORIGIN);
    assert.equal(
      line,
      `curl -f -X POST -H "authorization: Bearer $BUSBAR_TOKEN" -H 'content-type: application/json' -d '{"address":"it'\\''s:1"}' http://127.0.0.1:8080/api/v1/services/probe`,
    );
    assert.equal(commandLine(line, ORIGIN), line);
    assert.match(
      curlLine("DELETE", "/tokens/a b", undefined, ORIGIN),
      / 'http:\/\/127.0.0.1:8080\/api\/v1\/tokens\/a b'$/,
    );
  });
});
