// Kills runs of docker nodes with SIGKILL, again and again, on a real engine (DOCKER_HOST): one result a node, one
// execution a result, no container left. Closes with one line that counts passed, failed and skipped trials.
// Usage: npm run campaign:containers-crash [-- --seed N] [--only TRIAL] [--kills N] [--minutes N] [--lanes N]
import { requireDocker } from "../src/testing/docker/engine.ts";
import { runCampaignCommand } from "../test/crash/command.ts";
import { createContainerSubject } from "../test/crash/containers/containers.ts";

const engine = requireDocker();
if (engine.found) {
  await runCampaignCommand({
    name: "campaign:containers-crash",
    subject: createContainerSubject(engine.peer),
    targets: {
      making: 6,
      made: 6,
      starting: 6,
      running: 8,
      ended: 6,
      told: 6,
      sweeping: 6,
      recovering: 6,
      removing: 6,
      instant: 6,
    },
    minKills: 60,
    minInFlight: 0.25,
    // It ends when the targets are met; only a slow machine takes so long.
    minutes: 12,
    calls: "containers",
  });
} else process.stdout.write(`skipped: ${engine.skip}\n0 passed, 0 failed, 1 skipped\n`);
