import { type Instant, instant, type Milliseconds, milliseconds, watts } from "@ertis/quantities";
import type { AttemptKey, FailureCategory, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt, MeasuredDraw } from "@ertis/scheduler-runtime";
import type { GpuCap } from "@ertis/site-model";
import { bareWorkload } from "../cluster/attempt-plan.ts";
import type { ClusterSite, MeteredDomain } from "../cluster/node-table.ts";

/** What came over the socket is not what the protocol says. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** A parsed JSON object, whose fields are still unknown. */
export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseFields(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Malformed("a line is not JSON", { cause: error });
  }
  return toFields(value, "a message");
}

export function toFields(value: unknown, what: string): Fields {
  if (!isFields(value)) {
    throw new Malformed(`${what} is not an object`);
  }
  return value;
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") {
    throw new Malformed(`"${name}" is not a text`);
  }
  return value;
}

export function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") {
    throw new Malformed(`"${name}" is neither true nor false`);
  }
  return value;
}

function toWhole(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Malformed(`"${name}" is not a whole number from 0 up`);
  }
  return value;
}

export function whole(fields: Fields, name: string): number {
  return toWhole(fields[name], name);
}

export function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) {
    throw new Malformed(`"${name}" is not a list`);
  }
  return value;
}

export function wholes(fields: Fields, name: string): readonly number[] {
  return list(fields, name).map((value) => toWhole(value, name));
}

export function oneOf<Word extends string>(
  fields: Fields,
  name: string,
  allowed: readonly Word[],
): Word {
  const found = allowed.find((word) => word === fields[name]);
  if (found === undefined) {
    throw new Malformed(`"${name}" is none of ${allowed.join(", ")}`);
  }
  return found;
}

export function toKey(value: unknown): AttemptKey {
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
    want: oneOf(fields, "want", ["run", "warn", "stop"]),
    grace: span(fields, "grace"),
    capWatts: whole(fields, "capWatts"),
    capOrder: whole(fields, "capOrder"),
    work: span(fields, "work"),
    workDone: span(fields, "workDone"),
    savesWork: flag(fields, "savesWork"),
  };
}

function toNodeClass(value: unknown): ClusterSite["nodeClasses"][number] {
  const fields = toFields(value, "a node class");
  const gpuCap = fields["gpuCap"];
  return {
    name: text(fields, "name"),
    gpuModel: text(fields, "gpuModel"),
    gpuCount: whole(fields, "gpuCount"),
    idleWatts: watts(whole(fields, "idleWatts")),
    peakWatts: watts(whole(fields, "peakWatts")),
    partUse: oneOf(fields, "partUse", ["share", "peak"]),
    ...(gpuCap === undefined ? {} : { gpuCap: toGpuCap(gpuCap) }),
  };
}

function toGpuCap(value: unknown): GpuCap {
  const fields = toFields(value, "the caps of a node class");
  return {
    lowestWatts: watts(whole(fields, "lowestWatts")),
    highestWatts: watts(whole(fields, "highestWatts")),
  };
}

export function toClusterSite(value: unknown): ClusterSite {
  const fields = toFields(value, "a site");
  const nodeClasses = list(fields, "nodeClasses").map(toNodeClass);
  const nodes = list(fields, "nodes").map((each) => {
    const node = toFields(each, "a node");
    return {
      id: text(node, "id"),
      classIndex: whole(node, "classIndex"),
      ...("domainIndex" in node ? { domainIndex: whole(node, "domainIndex") } : {}),
    };
  });
  const domains = "domains" in fields ? list(fields, "domains").map(toDomain) : undefined;
  if (domains?.some(({ parentIndex }, domain) => parentIndex >= domain) === true) {
    throw new Malformed("a domain comes before the one above it");
  }
  if (
    domains !== undefined &&
    nodes.some((each) => domains[each.domainIndex ?? -1] === undefined)
  ) {
    throw new Malformed("a node is in a domain that the site does not have");
  }
  if (nodes.some(({ classIndex }) => nodeClasses[classIndex] === undefined)) {
    throw new Malformed("a node is of a class that the site does not have");
  }
  if (new Set(nodes.map(({ id }) => id)).size !== nodes.length) {
    throw new Malformed("two nodes have the same id");
  }
  return {
    id: text(fields, "id"),
    revision: text(fields, "revision"),
    nodeClasses,
    nodes,
    ...(domains === undefined ? {} : { domains }),
  };
}

function toDomain(value: unknown): MeteredDomain {
  const fields = toFields(value, "a domain");
  const loadFactor = toFields(fields["loadFactor"], "a load factor");
  const parentIndex = fields["parentIndex"];
  return {
    kind: oneOf(fields, "kind", ["feed", "substation", "hall", "row", "rack"]),
    parentIndex: parentIndex === -1 ? -1 : whole(fields, "parentIndex"),
    fixedWatts: watts(whole(fields, "fixedWatts")),
    loadFactor: {
      numerator: whole(loadFactor, "numerator"),
      denominator: Math.max(1, whole(loadFactor, "denominator")),
    },
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
      return { attempt: toKey(one["attempt"]), watts: whole(one, "watts") };
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
