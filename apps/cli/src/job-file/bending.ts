import type { Checkpoint } from "@ertis/api";
import type { JobRequest } from "@ertis/client";
import { parseWatts, toNumber } from "@ertis/quantities";
import { findNearest } from "./nearest.ts";
import { quote, type Read, readDuration } from "./parse-settings.ts";

const tiers: readonly number[] = [0, 10, 25, 50];

/** `25` or `25%`: per cent of its throughput that a job tolerates to lose. */
export function readTier(text: string): Read<number> {
  const match = /^(\d{1,3})\s?%?$/.exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN);
  if (tiers.includes(value)) {
    return { kind: "ok", value };
  }
  const nearest = tiers.toSorted((a, b) => Math.abs(a - value) - Math.abs(b - value))[0];
  const hint = Number.isNaN(value) ? "" : `; the nearest is ${nearest}`;
  return {
    kind: "wrong",
    message: `${quote(text)} is no tier: 0, 10, 25 or 50 per cent of throughput may be lost${hint}`,
  };
}

/** What curves are built in for; others are the names of measured workloads or of a site's own. */
const commonClasses: readonly string[] = ["pre-train", "fine-tune", "inference"];

/** `pre-training`, `pretrain` and `Pre_Train` are all meant for `pre-train`. */
function toStem(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[-_. ]/g, "")
    .replace(/(?:ing|e)$/, "");
}

export function readClass(text: string): Read<string> {
  const value = text.trim();
  const isName = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/.test(value);
  if (isName && commonClasses.includes(value)) {
    return { kind: "ok", value };
  }
  const stem = toStem(value);
  const meant =
    commonClasses.find((one) => toStem(one) === stem) ?? findNearest(value, commonClasses);
  if (meant !== undefined) {
    return {
      kind: "wrong",
      message: `${quote(text)} is no workload class: did you mean ${meant}?`,
    };
  }
  return isName
    ? { kind: "ok", value }
    : {
        kind: "wrong",
        message: `${quote(text)} is no workload class: write ${commonClasses.join(", ")}, or the name of a measured one in a-z, 0-9 and . _ -`,
      };
}

/** `300 W`. */
export function readCap(text: string): Read<number> {
  const parsed = parseWatts(text);
  return parsed.kind === "ok"
    ? { kind: "ok", value: toNumber(parsed.value) }
    : { kind: "wrong", message: parsed.message };
}

/** `30s/1min`: how long it takes to save, and to be at work again. */
export function readCheckpoint(text: string): Read<Checkpoint> {
  const [save = "", restore, ...more] = text.split("/");
  if (restore === undefined || more.length > 0) {
    return {
      kind: "wrong",
      message: `${quote(text)} is not SAVE/RESTORE: write for example "30s/1min", the time to save and the time to be at work again`,
    };
  }
  const saveMs = readDuration(save);
  const restoreMs = readDuration(restore);
  if (saveMs.kind === "wrong") {
    return saveMs;
  }
  return restoreMs.kind === "wrong"
    ? restoreMs
    : { kind: "ok", value: { saveMs: saveMs.value, restoreMs: restoreMs.value } };
}

/** What contradicts itself; the server would refuse it, too, but cannot name the options. */
export function checkBending(spec: JobRequest): readonly string[] {
  const { nodeCount = 1, nodeCountMin = 0, walltimeMs = 0, walltimeMinMs = 0 } = spec;
  const { deadlineTimeMs = 0, beginTimeMs = 0 } = spec;
  const faults: string[] = [];
  if (nodeCountMin > nodeCount) {
    faults.push(`--min-nodes ${nodeCountMin} is more than its ${nodeCount} nodes: write fewer`);
  }
  if (walltimeMinMs > walltimeMs) {
    faults.push("--time-min is longer than --time: it is the shortest time it is content with");
  }
  if (deadlineTimeMs > 0 && deadlineTimeMs <= beginTimeMs) {
    faults.push("--deadline is not after --begin: give a later deadline");
  }
  return faults;
}
