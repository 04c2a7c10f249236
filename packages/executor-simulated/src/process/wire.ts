import type { AttemptKey, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt, MeasuredDraw } from "@ertis/scheduler-runtime";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import { keys, toDesired, toMeasured, toObservation } from "./attempt-fields.ts";
import {
  type Fields,
  flag,
  list,
  oneOf,
  parseFields,
  text,
  toFields,
  whole,
  wholes,
} from "./fields.ts";
import { toClusterSite } from "./site-fields.ts";

/** Both sides speak the same version or do not talk. 5: wishes say their kind of work, sites their curves. */
export const protocolVersion = 5;
/** The longest line: the site itself with its nodes' ids, or a gang over all of them; room to spare. */
export const lineBytesMax: number = 8 * 2 ** 20;

/** A piece of a wish. The cluster acts when the last piece has come, never on half of one. */
export interface DesiredPart {
  readonly kind: "desired";
  readonly generation: number;
  readonly isComplete: boolean;
  readonly isLast: boolean;
  readonly attempts: readonly DesiredAttempt[];
  readonly forget: readonly AttemptKey[];
  readonly powerOff: readonly number[];
  readonly powerOn: readonly number[];
  /** Attempts that ran in an earlier incarnation, as the executor saw it. */
  readonly lost: readonly AttemptKey[];
}

/** From an executor to the cluster. */
export type ToCluster =
  | {
      readonly kind: "hello";
      readonly protocol: number;
      readonly site: string;
      readonly revision: string;
      /** So often the meters shall be read for it; 0: never. */
      readonly measureEveryMs: number;
    }
  /** The answer to `site-wanted`. `generation` is that of the executor's newest wish. */
  | { readonly kind: "site"; readonly generation: number; readonly site: ClusterSite }
  | DesiredPart
  | { readonly kind: "acknowledge"; readonly sequence: number }
  | { readonly kind: "get-status" };

/** What a cluster process says of itself; anyone on the machine's account may ask. */
export interface ClusterStatus {
  readonly kind: "status";
  /** 0: a version that did not say it yet, which was up to 4. */
  readonly protocol: number;
  readonly pid: number;
  readonly incarnation: string;
  readonly site: string;
  readonly revision: string;
  readonly generation: number;
  readonly knownAttemptCount: number;
  readonly liveAttemptCount: number;
  readonly startCount: number;
  readonly startsPerAttemptMax: number;
  readonly violationCount: number;
  /** The first ones, in words. */
  readonly violations: readonly string[];
  readonly drawWatts: number;
  /** A decimal text: energy passes 2^53. */
  readonly energyMillijoules: string;
}

/** From the cluster to an executor. */
export type FromCluster =
  /** Said to a `hello` for another revision: its site file was edited, so the cluster asks for the site. */
  | { readonly kind: "site-wanted"; readonly revision: string }
  /** The first answer to `hello`, in pieces: which life of the cluster this is, and what it knows. */
  | {
      readonly kind: "inventory";
      readonly incarnation: string;
      readonly generation: number;
      readonly attempts: readonly AttemptKey[];
      readonly isLast: boolean;
    }
  | {
      readonly kind: "observations";
      readonly items: readonly { readonly sequence: number; readonly observation: Observation }[];
    }
  | { readonly kind: "refused"; readonly generation: number; readonly newestGeneration: number }
  /** Not numbered and never said again: left out while the executor does not read. */
  | ({ readonly kind: "measured" } & MeasuredDraw)
  | ClusterStatus
  /** The cluster closes the connection after this. */
  | { readonly kind: "error"; readonly message: string };

export function encode(message: ToCluster | FromCluster): string {
  return `${JSON.stringify(message)}\n`;
}

function toPart(fields: Fields): DesiredPart {
  return {
    kind: "desired",
    generation: whole(fields, "generation"),
    isComplete: flag(fields, "isComplete"),
    isLast: flag(fields, "isLast"),
    attempts: list(fields, "attempts").map(toDesired),
    forget: keys(fields, "forget"),
    powerOff: wholes(fields, "powerOff"),
    powerOn: wholes(fields, "powerOn"),
    lost: keys(fields, "lost"),
  };
}

/** @throws Malformed saying what is wrong with the line. */
export function parseToCluster(line: string): ToCluster {
  const fields = parseFields(line);
  const kind = oneOf(fields, "kind", ["hello", "site", "desired", "acknowledge", "get-status"]);
  switch (kind) {
    case "hello":
      return {
        kind,
        protocol: whole(fields, "protocol"),
        site: text(fields, "site"),
        revision: text(fields, "revision"),
        // An older executor, which is refused by its protocol, does not say it.
        measureEveryMs: "measureEveryMs" in fields ? whole(fields, "measureEveryMs") : 0,
      };
    case "site":
      return {
        kind,
        generation: whole(fields, "generation"),
        site: toClusterSite(fields["site"]),
      };
    case "desired":
      return toPart(fields);
    case "acknowledge":
      return { kind, sequence: whole(fields, "sequence") };
    case "get-status":
      return { kind };
  }
}

function toStatus(fields: Fields): ClusterStatus {
  return {
    kind: "status",
    protocol: "protocol" in fields ? whole(fields, "protocol") : 0,
    pid: whole(fields, "pid"),
    incarnation: text(fields, "incarnation"),
    site: text(fields, "site"),
    revision: text(fields, "revision"),
    generation: whole(fields, "generation"),
    knownAttemptCount: whole(fields, "knownAttemptCount"),
    liveAttemptCount: whole(fields, "liveAttemptCount"),
    startCount: whole(fields, "startCount"),
    startsPerAttemptMax: whole(fields, "startsPerAttemptMax"),
    violationCount: whole(fields, "violationCount"),
    violations: list(fields, "violations").map(String),
    drawWatts: whole(fields, "drawWatts"),
    energyMillijoules: text(fields, "energyMillijoules"),
  };
}

/** @throws Malformed saying what is wrong with the line. */
export function parseFromCluster(line: string): FromCluster {
  const fields = parseFields(line);
  const kind = oneOf(fields, "kind", [
    "site-wanted",
    "inventory",
    "observations",
    "refused",
    "measured",
    "status",
    "error",
  ]);
  switch (kind) {
    case "site-wanted":
      return { kind, revision: text(fields, "revision") };
    case "inventory":
      return {
        kind,
        incarnation: text(fields, "incarnation"),
        generation: whole(fields, "generation"),
        attempts: keys(fields, "attempts"),
        isLast: flag(fields, "isLast"),
      };
    case "observations":
      return {
        kind,
        items: list(fields, "items").map((value) => {
          const item = toFields(value, "a report");
          return {
            sequence: whole(item, "sequence"),
            observation: toObservation(item["observation"]),
          };
        }),
      };
    case "refused":
      return {
        kind,
        generation: whole(fields, "generation"),
        newestGeneration: whole(fields, "newestGeneration"),
      };
    case "measured":
      return { kind, ...toMeasured(fields) };
    case "status":
      return toStatus(fields);
    case "error":
      return { kind, message: text(fields, "message") };
  }
}
