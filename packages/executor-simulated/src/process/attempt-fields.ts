import { type Instant, instant, type Milliseconds, milliseconds, watts } from "@ertis/quantities";
import type { AttemptKey, FailureCategory, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt, MeasuredDraw } from "@ertis/scheduler-runtime";
import { bareWorkload } from "../cluster/attempt-plan.ts";
import {
  type Fields,
  flag,
  list,
  Malformed,
  oneOf,
  text,
  toFields,
  whole,
  wholes,
} from "./fields.ts";

function toKey(value: unknown): AttemptKey {
  const fields = toFields(value, "an attempt");
  return {
    job: whole(fields, "job"),
    task: whole(fields, "task"),
    attempt: whole(fields, "attempt"),
  };
}

export function keys(fields: Fields, name: string): readonly AttemptKey[] {
  return list(fields, name).map(toKey);
}

function moment(fields: Fields, name: string): Instant {
  return instant(whole(fields, name));
}

function span(fields: Fields, name: string): Milliseconds {
  return milliseconds(whole(fields, name));
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [name, entry] of Object.entries(toFields(value, "an environment"))) {
    if (typeof entry !== "string") {
      throw new Malformed("an environment holds something other than texts");
    }
    map[name] = entry;
  }
  return map;
}

export function toDesired(value: unknown): DesiredAttempt {
  const fields = toFields(value, "a wish");
  const placement = toFields(fields["placement"], "a placement");
  const workload = toFields(fields["workload"], "a workload");
  return {
    attempt: toKey(fields["attempt"]),
    placement: {
      site: text(placement, "site"),
      nodes: wholes(placement, "nodes"),
      gpuMasks: wholes(placement, "gpuMasks"),
      powerReserved: watts(whole(placement, "powerReserved")),
      capWatts: whole(placement, "capWatts"),
    },
    startedAt: moment(fields, "startedAt"),
    endsBy: moment(fields, "endsBy"),
    name: text(fields, "name"),
    workload: bareWorkload(textMap(workload["environment"])),
    workloadClass: text(fields, "workloadClass"),
    want: oneOf(fields, "want", ["run", "warn", "stop"]),
    grace: span(fields, "grace"),
    capWatts: whole(fields, "capWatts"),
    capOrder: whole(fields, "capOrder"),
    work: span(fields, "work"),
    workDone: span(fields, "workDone"),
    savesWork: flag(fields, "savesWork"),
  };
}

export function toMeasured(fields: Fields): MeasuredDraw {
  return {
    revision: text(fields, "revision"),
    domains: list(fields, "domains").map((value) => {
      const one = toFields(value, "a reading of a domain");
      return { domain: whole(one, "domain"), watts: whole(one, "watts") };
    }),
    attempts: list(fields, "attempts").map((value) => {
      const one = toFields(value, "a reading of an attempt");
      return {
        attempt: toKey(one["attempt"]),
        watts: whole(one, "watts"),
        ...(one["gpuWatts"] === undefined ? {} : { gpuWatts: whole(one, "gpuWatts") }),
      };
    }),
  };
}

const categories: readonly FailureCategory[] = [
  "application",
  "walltime",
  "node",
  "start",
  "preemption",
];

function toExit(fields: Fields): Observation {
  const outcome = toFields(fields["outcome"], "an outcome");
  return {
    kind: "attempt-exited",
    attempt: toKey(fields["attempt"]),
    outcome:
      oneOf(outcome, "kind", ["succeeded", "failed"]) === "succeeded"
        ? { kind: "succeeded" }
        : {
            kind: "failed",
            category: oneOf(outcome, "category", categories),
            exitCode: whole(outcome, "exitCode"),
          },
    ...("energyJoules" in fields ? { energyJoules: whole(fields, "energyJoules") } : {}),
  };
}

export function toObservation(value: unknown): Observation {
  const fields = toFields(value, "an observation");
  const kind = oneOf(fields, "kind", [
    "attempt-running",
    "attempt-exited",
    "stop-confirmed",
    "cap-applied",
    "checkpointed",
    "node-lost",
    "node-powered-off",
    "node-ready",
  ]);
  switch (kind) {
    case "attempt-running":
    case "checkpointed":
      return { kind, attempt: toKey(fields["attempt"]) };
    case "attempt-exited":
      return toExit(fields);
    case "stop-confirmed":
      return { kind, attempt: toKey(fields["attempt"]), nodes: wholes(fields, "nodes") };
    case "cap-applied":
      return {
        kind,
        attempt: toKey(fields["attempt"]),
        nodes: wholes(fields, "nodes"),
        capWatts: whole(fields, "capWatts"),
        order: whole(fields, "order"),
      };
    case "node-lost":
    case "node-powered-off":
    case "node-ready":
      return { kind, node: whole(fields, "node") };
  }
}
