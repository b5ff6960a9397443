// Kills runs of random workflows with SIGKILL, again and again, and holds what is left against the promises
// (E1-E8). Prints the kills per point and closes with one line that counts passed, failed and skipped trials.
// Usage: npm run campaign:crash [-- --seed N] [--only TRIAL] [--kills N] [--minutes N] [--lanes N]
import { createCallSubject } from "../test/crash/calls.ts";
import { runCampaignCommand } from "../test/crash/command.ts";

await runCampaignCommand({
  name: "campaign:crash",
  subject: await createCallSubject(),
  // At least 15 are asked of the named ones, at least 200 in all.
  targets: {
    created: 16,
    reused: 16,
    started: 16,
    sent: 84,
    received: 20,
    committed: 16,
    ending: 16,
    ended: 16,
    takeover: 20,
    pausing: 16,
    asked: 16,
    checkpoint: 16,
    instant: 48,
    deleting: 8,
    sweeping: 8,
    givingBack: 8,
    pruning: 8,
  },
  minKills: 200,
  minInFlight: 0.5,
  // It ends when the targets are met; only a slow machine takes so long.
  minutes: 16,
  calls: "calls",
});
