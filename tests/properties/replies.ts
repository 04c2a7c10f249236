import type { Command, Decision } from "@ertis/scheduler-engine";
import type { World } from "../oracle/index.ts";

/**
 * Compares a reply with what the world knew before the command: refusals change nothing, one request
 * id is one job, and only owners and operators change a job.
 */
export function checkReply(world: World, command: Command, decision: Decision): readonly string[] {
  const { reply, entry } = decision;
  const complaints: string[] = [];
  if (reply.kind === "rejected" && entry.events.length > 0) {
    complaints.push(`${command.kind} was refused (${reply.code}) and still changed something`);
  }
  if (command.kind === "submit-jobs" && reply.kind === "submitted") {
    complaints.push(...checkSubmit(world, command, reply.results));
  }
  if ("jobs" in command && reply.kind === "jobs-changed") {
    reply.results.forEach((result, index) => {
      const job = world.jobs.get(command.jobs[index] ?? 0);
      const isAllowed =
        job !== undefined && (job.owner === command.by.person || command.by.mayActForOthers);
      if (result.kind === "changed" && (!isAllowed || job.finishedAtMs !== undefined)) {
        complaints.push(`${command.kind} of job ${result.job} should be refused`);
      }
      const isRefusedForNothing =
        isAllowed &&
        job.finishedAtMs === undefined &&
        (command.kind !== "release-jobs" || job.isHeld);
      if (result.kind === "rejected" && isRefusedForNothing) {
        complaints.push(`${command.kind} of job ${job.number} is refused: ${result.code}`);
      }
    });
  }
  return complaints;
}

function checkSubmit(
  world: World,
  command: Extract<Command, { readonly kind: "submit-jobs" }>,
  results: Extract<Decision["reply"], { readonly kind: "submitted" }>["results"],
): readonly string[] {
  const complaints: string[] = [];
  const known = new Map<string, { readonly job: number; readonly bodyHash: number }>();
  for (const item of command.items) {
    const before = world.requests.get(item.requestId);
    const job = before === undefined ? undefined : world.jobs.get(before.job);
    if (job !== undefined) {
      known.set(item.requestId, { job: job.number, bodyHash: job.bodyHash });
    }
  }
  let next = world.nextJob;
  results.forEach((result, index) => {
    const item = command.items[index];
    if (item === undefined) {
      complaints.push("more results than items");
      return;
    }
    const before = known.get(item.requestId);
    const expected =
      before === undefined
        ? undefined
        : before.bodyHash === item.bodyHash
          ? `accepted ${before.job} again`
          : "request-id-reused";
    const found =
      result.kind === "rejected"
        ? result.code
        : `accepted ${result.job}${result.isRepeat ? " again" : ""}`;
    if (expected !== undefined && found !== expected) {
      complaints.push(`item ${index}: expected ${expected}, got ${found}`);
    }
    if (expected === undefined && result.kind === "accepted") {
      if (result.isRepeat || result.job !== next) {
        complaints.push(`item ${index}: expected job ${next}, got ${found}`);
      }
      known.set(item.requestId, { job: next, bodyHash: item.bodyHash });
      next += 1;
    }
    if (expected === undefined && found === "request-id-reused") {
      complaints.push(`item ${index}: its request id is new`);
    }
  });
  return complaints;
}
