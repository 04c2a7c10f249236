import { durationMsMax, gpuCountMax } from "./read-number.ts";
import { traceEpochMs } from "./muri.ts";
import { flexibilityTiers, type ReadRow, type SaidByTrace } from "./trace-job.ts";

/** What the own format may say, in the order of its documentation. */
export const ownFields: readonly string[] = [
  "submit_s",
  "duration_s",
  "gpus",
  "owner",
  "name",
  "nodes",
  "nodes_min",
  "gpu_model",
  "walltime_s",
  "walltime_min_s",
  "tier",
  "class",
  "cap_min_w",
  "priority",
  "preemptible",
  "deadline_s",
  "save_s",
  "restore_s",
];

export const ownRequired: readonly string[] = ["submit_s", "duration_s", "gpus"];

const priorities = ["low", "normal", "high", "urgent"] as const;

/** Reads fields one by one; the first mistake is kept. */
class Fields {
  readonly #fields: ReadonlyMap<string, string>;
  mistake = "";

  constructor(fields: ReadonlyMap<string, string>) {
    this.#fields = fields;
  }

  text(name: string): string | undefined {
    const text = this.#fields.get(name);
    if (text === undefined || text === "") {
      return undefined;
    }
    if (!/^[\w.:/-]{1,63}$/.test(text)) {
      this.#refuse(name, text, "letters, digits, dots, dashes, at most 63");
      return undefined;
    }
    return text;
  }

  seconds(name: string): number | undefined {
    const max = durationMsMax / 1_000;
    const value = this.#number(name, max, `seconds from 0 to ${max}`);
    return value === undefined ? undefined : Math.round(value * 1_000);
  }

  whole(name: string, min: number, max: number): number | undefined {
    const value = this.#number(name, max, `a whole number from ${min} to ${max}`);
    if (value !== undefined && (!Number.isInteger(value) || value < min)) {
      this.#refuse(name, String(value), `a whole number from ${min} to ${max}`);
      return undefined;
    }
    return value;
  }

  oneOf<T extends string | number>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.#fields.get(name);
    if (text === undefined || text === "") {
      return undefined;
    }
    const found = allowed.find((one) => String(one) === text);
    if (found === undefined) {
      this.#refuse(name, text, allowed.join(", "));
    }
    return found;
  }

  #number(name: string, max: number, expected: string): number | undefined {
    const text = this.#fields.get(name);
    if (text === undefined || text === "") {
      return undefined;
    }
    const value = /^\d{1,16}(\.\d{1,12})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= 0 && value <= max)) {
      this.#refuse(name, text, expected);
      return undefined;
    }
    return value;
  }

  #refuse(name: string, found: string, expected: string): void {
    this.mistake ||= `${name} is "${found.slice(0, 40)}", expected ${expected}`;
  }
}

/** One job of the own format, whichever way its fields were written. */
export function readOwnFields(texts: ReadonlyMap<string, string>, line: number): ReadRow {
  const fields = new Fields(texts);
  const unknown = [...texts.keys()].find((name) => !ownFields.includes(name));
  if (unknown !== undefined) {
    return { line, message: `unknown field "${unknown}", known are ${ownFields.join(", ")}` };
  }
  const missing = ownRequired.find((name) => (texts.get(name) ?? "") === "");
  if (missing !== undefined) {
    return { line, message: `${missing} is missing` };
  }
  const submitMs = fields.seconds("submit_s") ?? 0;
  const durationMs = fields.seconds("duration_s") ?? 0;
  const gpuCount = fields.whole("gpus", 1, gpuCountMax) ?? 1;
  const owner = fields.text("owner") ?? "trace";
  const said = readSaid(fields);
  if (fields.mistake !== "") {
    return { line, message: fields.mistake };
  }
  const { nodeCount, nodeCountMin } = said;
  if (nodeCount !== undefined && gpuCount % nodeCount !== 0) {
    return { line, message: `${gpuCount} gpus do not divide evenly over ${nodeCount} nodes` };
  }
  if (nodeCountMin !== undefined && nodeCountMin > (nodeCount ?? nodeCountMin)) {
    return { line, message: `nodes_min is ${nodeCountMin}, more than nodes, ${nodeCount ?? 0}` };
  }
  const submittedAtMs = traceEpochMs + submitMs;
  if (said.deadlineAtMs !== undefined && said.deadlineAtMs <= submittedAtMs) {
    const [deadline, submit] = [said.deadlineAtMs - traceEpochMs, submitMs].map((ms) => ms / 1_000);
    return {
      line,
      message: `deadline_s is ${deadline}, not after submit_s, ${submit}: both count from the beginning of the trace`,
    };
  }
  return { line, submittedAtMs, durationMs, gpuCount, owner, said };
}

function readSaid(fields: Fields): SaidByTrace {
  const preemptible = fields.oneOf("preemptible", ["yes", "no", "true", "false"]);
  const deadlineMs = fields.seconds("deadline_s");
  return withoutUndefined({
    name: fields.text("name"),
    nodeCount: fields.whole("nodes", 1, gpuCountMax),
    nodeCountMin: fields.whole("nodes_min", 1, gpuCountMax),
    gpuModel: fields.text("gpu_model"),
    walltimeMs: fields.seconds("walltime_s"),
    walltimeMinMs: fields.seconds("walltime_min_s"),
    flexibilityTier: fields.oneOf("tier", flexibilityTiers),
    workloadClass: fields.text("class"),
    capMinWatts: fields.whole("cap_min_w", 0, 10_000),
    priorityClass: fields.oneOf("priority", priorities),
    isPreemptible:
      preemptible === undefined ? undefined : preemptible === "yes" || preemptible === "true",
    deadlineAtMs: deadlineMs === undefined ? undefined : traceEpochMs + deadlineMs,
    saveMs: fields.seconds("save_s"),
    restoreMs: fields.seconds("restore_s"),
  });
}

type Without<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(value: T): Without<T> {
  const kept: Without<T> = {};
  let name: keyof T;
  for (name in value) {
    const one = value[name];
    if (isThere(one)) {
      kept[name] = one;
    }
  }
  return kept;
}

function isThere<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}
