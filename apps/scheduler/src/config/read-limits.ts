import { toNumber } from "@ertis/quantities";
import type { EngineLimits } from "@ertis/scheduler-engine";
import { defaultServerLimits, type ServerLimits } from "../limits/limits.ts";
import type { ConfigDocument, Field } from "./document.ts";
import { defaultConfig } from "./server-config.ts";

const bytes = { min: 1_024, max: 67_108_864 } as const;
const count = { min: 1, max: 1_000_000 } as const;

interface CountRule {
  readonly name: string;
  readonly of: keyof ServerLimits;
  readonly min: number;
  readonly max: number;
}

/** Names in the file and what they set. Lengths of time are written with their unit. */
const counts: readonly CountRule[] = [
  { name: "messageBytes", of: "messageBytesMax", ...bytes },
  { name: "submitBytes", of: "submitBytesMax", ...bytes },
  { name: "metadataBytes", of: "metadataBytesMax", min: 1_024, max: 65_536 },
  { name: "streamsPerConnection", of: "streamsPerConnectionMax", ...count },
  { name: "connectionsPerAddress", of: "connectionsPerAddressMax", ...count },
  { name: "connections", of: "connectionsMax", ...count },
  { name: "watchesPerCaller", of: "watchesPerCallerMax", ...count },
  { name: "callsInFlight", of: "callsInFlightMax", ...count },
  { name: "jobsPending", of: "jobsPendingMax", min: 1_000, max: 10_000_000 },
];

const durations: readonly { readonly name: string; readonly of: keyof ServerLimits }[] = [
  { name: "walltime", of: "walltimeMsMax" },
  { name: "firstByte", of: "firstByteMs" },
  { name: "keepalive", of: "keepaliveMs" },
  { name: "keepaliveTimeout", of: "keepaliveTimeoutMs" },
  { name: "call", of: "callMsMax" },
  { name: "shutdownGrace", of: "shutdownGraceMs" },
];

/** Ten years: longer is a unit mistaken for another. */
const durationMsMax = 10 * 366 * 86_400_000;

export function readServerLimits(document: ConfigDocument, field: Field | undefined): ServerLimits {
  if (field === undefined) {
    return defaultServerLimits;
  }
  const names = [...counts, ...durations].map(({ name }) => name);
  const fields = document.entries(field, names);
  const changes: { -readonly [Name in keyof ServerLimits]?: number } = {};
  for (const { name, of, min, max } of counts) {
    const value = document.whole(fields.get(name), min, max);
    if (value !== undefined) {
      changes[of] = value;
    }
  }
  for (const { name, of } of durations) {
    const one = fields.get(name);
    const value = document.duration(one);
    if (one !== undefined && value !== undefined) {
      if (toNumber(value) < 1 || toNumber(value) > durationMsMax) {
        document.add(one, "must be above 0 and at most ten years");
      }
      changes[of] = toNumber(value);
    }
  }
  return { ...defaultServerLimits, ...changes };
}

export function readEngineLimits(document: ConfigDocument, field: Field | undefined): EngineLimits {
  const base = defaultConfig.engineLimits;
  if (field === undefined) {
    return base;
  }
  const fields = document.entries(field, [
    "jobsUnfinished",
    "jobsFinished",
    "jobsFinishedAge",
    "requestIds",
    "requestIdAge",
    "budgets",
    "freeRetries",
  ]);
  const limits: EngineLimits = {
    jobsUnfinishedMax:
      document.whole(fields.get("jobsUnfinished"), 1, 15_000_000) ?? base.jobsUnfinishedMax,
    jobsFinishedMax:
      document.whole(fields.get("jobsFinished"), 0, 15_000_000) ?? base.jobsFinishedMax,
    jobsFinishedAgeMax: document.duration(fields.get("jobsFinishedAge")) ?? base.jobsFinishedAgeMax,
    requestIdsMax: document.whole(fields.get("requestIds"), 1, 50_000_000) ?? base.requestIdsMax,
    requestIdAgeMax: document.duration(fields.get("requestIdAge")) ?? base.requestIdAgeMax,
    budgetsMax: document.whole(fields.get("budgets"), 0, 100_000) ?? base.budgetsMax,
    freeRetriesMax: document.whole(fields.get("freeRetries"), 0, 10_000) ?? base.freeRetriesMax,
  };
  if (limits.jobsUnfinishedMax + limits.jobsFinishedMax > 16_000_000) {
    document.add(field, "jobsUnfinished and jobsFinished are more than 16,000,000 together");
  }
  return limits;
}
