import { instant, toNumber, watts } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import type { AttemptRecord } from "../oracle/job-record.ts";
import type { Drive } from "./drive.ts";
import { itemOf, nodeCountAt, siteAt } from "./random-items.ts";
import type { Step } from "./step.ts";

const minuteMs = 60_000;
/** See `random-site.ts`. */
const gpuWattsMax = 240;

/** Lets one random step happen to an engine. */
export function applyStep(drive: Drive, step: Step): void {
  switch (step.kind) {
    case "submit":
      drive.execute({
        kind: "submit-jobs",
        at: drive.at(),
        owner: step.owner,
        items: step.wishes.map((wish) => itemOf(drive, wish)),
      });
      return;
    case "change":
      return changeJobs(drive, step);
    case "advance":
      if (step.isExact) {
        drive.advanceTo(drive.nowMs + step.minutes * minuteMs);
      } else {
        drive.tickAfter(step.minutes * minuteMs);
      }
      return;
    case "progress":
      return progressAttempts(drive, step);
    case "caps":
      return answerCaps(drive, step);
    case "measure":
      return measureGpus(drive, step);
    case "wild":
      return lie(drive, step);
    case "node":
      return troubleNode(drive, step);
    case "operate":
    case "drain":
      return operateNodes(drive, step);
    case "budget":
      return setBudget(drive, step);
    case "remove-budget":
      drive.execute({
        kind: "remove-budget",
        at: drive.at(),
        by: "operator",
        reason: "test",
        id: `budget-${step.id}`,
      });
      return;
    case "edit-site": {
      const site = drive.options.sites[step.pick % drive.options.sites.length];
      if (site !== undefined) {
        drive.register(site);
      }
      return;
    }
    case "tick":
    case "place":
      drive.execute({ kind: step.kind, at: drive.at() });
  }
}

function changeJobs(drive: Drive, step: Extract<Step, { readonly kind: "change" }>): void {
  const { nextJob } = drive.oracle.world;
  const jobs = step.picks.map(
    (pick) => 1 + (pick % 20 === 0 ? pick : pick % Math.max(1, nextJob - 1)),
  );
  const owner = drive.oracle.world.jobs.get(jobs[0] ?? 0)?.owner ?? "aliya";
  drive.execute({
    kind: step.what,
    at: drive.at(),
    by:
      step.by === "operator"
        ? { person: "operator", mayActForOthers: true }
        : { person: step.by === "owner" ? owner : "nobody", mayActForOthers: false },
    jobs,
    reason: "test",
  });
}

/** Starting, running, exited, gone: the picked attempts take one step each. */
function progressAttempts(drive: Drive, step: Extract<Step, { readonly kind: "progress" }>): void {
  const active = drive.active();
  for (const pick of active.length === 0 ? [] : step.picks) {
    const attempt = active[pick % active.length];
    if (attempt === undefined || drive.oracle.world.attemptOf(attempt) === undefined) {
      continue;
    }
    drive.report(attempt.site, drive.nextStage(attempt, step.outcome));
  }
}

function answerCaps(drive: Drive, step: Extract<Step, { readonly kind: "caps" }>): void {
  const active = drive.active().filter((attempt) => attempt.capOrder > 0);
  for (const pick of active.length === 0 ? [] : step.picks) {
    const attempt = active[pick % active.length];
    if (attempt !== undefined && drive.oracle.world.attemptOf(attempt) !== undefined) {
      const held = [...attempt.held];
      const nodes = step.answers === "all" ? [] : held.filter((_, at) => at % 2 === pick % 2);
      const order = attempt.capOrder + step.orderShift;
      drive.report(attempt.site, [capApplied(attempt, order, nodes)]);
    }
  }
}

/** Who has started runs; GPUs draw so much of the most that random sites let them have, or of the cap that holds them. */
function measureGpus(drive: Drive, step: Extract<Step, { readonly kind: "measure" }>): void {
  const site = siteAt(drive, step.sitePick);
  const isHere = (one: AttemptRecord): boolean => one.site === site;
  for (const attempt of drive.active().filter(isHere)) {
    if (attempt.phase === "starting") {
      drive.report(site, drive.nextStage(attempt, "succeeded"));
    }
  }
  for (let minute = 0; minute < step.minutes && drive.active().some(isHere); minute += 1) {
    drive.advanceTo(drive.nowMs + minuteMs);
    const attempts = drive.active().flatMap(({ job, task, attempt, phase, capWatts, ...of }) => {
      const gpuWatts = Math.min(gpuWattsMax * step.capPart, 0.97 * (capWatts || gpuWattsMax));
      return of.site === site && phase === "running"
        ? [{ attempt: { job, task, attempt }, watts: 8 * gpuWatts, gpuWatts }]
        : [];
    });
    const domains = [{ domain: 0, watts: 10_000 }];
    drive.execute({ kind: "measure", at: drive.at(), site, domains, attempts });
  }
}

/** Every other time it hits a node where something runs. */
function troubleNode(drive: Drive, step: Extract<Step, { readonly kind: "node" }>): void {
  const active = drive.active();
  const hit = step.pick % 2 === 0 ? active[step.pick % Math.max(1, active.length)] : undefined;
  const [node] = hit?.held ?? [];
  if (hit !== undefined && node !== undefined) {
    drive.report(hit.site, [{ kind: step.what, node }]);
  } else {
    drive.report(siteAt(drive, step.sitePick), [
      { kind: step.what, node: step.pick % (nodeCountAt(drive, step.sitePick) + 1) },
    ]);
  }
}

function lie(drive: Drive, step: Extract<Step, { readonly kind: "wild" }>): void {
  const active = drive.active();
  // Every other time it is about an attempt that is there: the sharper lie.
  const from = step.pick % 2 === 0 ? active : drive.started;
  const started = from[step.pick % Math.max(1, from.length)];
  const attempt = {
    job: started?.job ?? step.pick,
    task: started?.task ?? 0,
    attempt: (started?.attempt ?? 1) + step.attemptShift,
  };
  const own = started === undefined ? undefined : drive.oracle.world.attemptOf(started)?.site;
  const site = step.sitePick === 0 && own !== undefined ? own : siteAt(drive, step.sitePick);
  switch (step.what) {
    case "attempt-running":
    case "checkpointed":
      return drive.report(site, [{ kind: step.what, attempt }]);
    case "attempt-exited":
      return drive.report(site, [{ kind: step.what, attempt, outcome: { kind: "succeeded" } }]);
    case "stop-confirmed":
      return drive.report(site, [{ kind: step.what, attempt, nodes: step.nodes }]);
  }
}

function operateNodes(
  drive: Drive,
  step: Extract<Step, { readonly kind: "operate" | "drain" }>,
): void {
  const count = nodeCountAt(drive, step.sitePick);
  const common = {
    at: drive.at(),
    by: "operator",
    reason: "test",
    site: siteAt(drive, step.sitePick),
    nodes: step.picks.map((pick) => pick % (count + (pick % 7 === 0 ? 1 : 0) || 1)),
  };
  if (step.kind === "operate") {
    drive.execute({ kind: step.what, ...common });
  } else {
    drive.execute({
      kind: "drain-nodes",
      ...common,
      deadline: instant(drive.nowMs + step.inMinutes * minuteMs),
      thenDo: step.thenDo,
    });
  }
}

function setBudget(drive: Drive, step: Extract<Step, { readonly kind: "budget" }>): void {
  const id = siteAt(drive, step.sitePick);
  const domains = drive.oracle.world.sites.get(id)?.site.domains ?? [];
  const domain = domains[step.domainPick % Math.max(1, domains.length)];
  const fromMs = drive.nowMs + step.fromMinutes * minuteMs;
  const usable = domain === undefined ? 1000 : toNumber(domain.usableWatts);
  drive.execute({
    kind: "set-budget",
    at: drive.at(),
    budget: {
      id: `budget-${step.id}`,
      site: id,
      domain: domain?.id ?? "nowhere",
      ceiling: watts(Math.floor((usable * step.percent) / 100)),
      from: instant(fromMs),
      ...(step.lastsMinutes === undefined
        ? {}
        : { until: instant(fromMs + step.lastsMinutes * minuteMs) }),
      reason: "test",
      setBy: "operator",
    },
  });
}

/** A node says that it holds the cap that is wanted of an attempt. */
function capApplied(
  { job, task, attempt, capWatts }: AttemptRecord,
  order: number,
  nodes: readonly number[],
): Observation {
  return { kind: "cap-applied", attempt: { job, task, attempt }, nodes, capWatts, order };
}
