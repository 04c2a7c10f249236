import { formatMilliseconds, milliseconds, parseMilliseconds, toNumber } from "@ertis/quantities";
import type { PlantRules, Range } from "./plant-rules.ts";

/** One thing about the plant that a person may set, as `name=value`. */
export interface PlantSetting {
  readonly name: string;
  readonly what: string;
  readonly show: (rules: PlantRules) => string;
  /** Undefined: the value is none of this setting's. */
  readonly change: (rules: PlantRules, value: string) => PlantRules | undefined;
  /** What may be written. */
  readonly form: string;
}

const hourMs = 3_600_000;

export type SetPlant =
  | { readonly kind: "rules"; readonly rules: PlantRules }
  | { readonly kind: "refused"; readonly message: string };

/** What the plant does that the controller does not see. Spreads are standard deviations. */
export const plantSettings: readonly PlantSetting[] = [
  share("common-bias", "spread of how all draws together lie beside their curves", {
    get: (rules) => rules.commonBias,
    set: (commonBias) => ({ commonBias }),
  }),
  share("job-bias", "spread of how the draw of one job does", {
    get: (rules) => rules.jobBias,
    set: (jobBias) => ({ jobBias }),
  }),
  share("loss-bias", "spread of what a cap costs a job beside its curve", {
    get: (rules) => rules.lossBias,
    set: (lossBias) => ({ lossBias }),
  }),
  share("minute-noise", "spread of the draw from minute to minute", {
    get: (rules) => rules.minuteNoise,
    set: (minuteNoise) => ({ minuteNoise }),
  }),
  share("drift", "drift of a job's draw a minute, may be below 0", {
    get: (rules) => rules.drift.mean,
    set: (mean, { drift }) => ({ drift: { ...drift, mean } }),
    mayBeNegative: true,
  }),
  share("drift-spread", "spread of that drift from job to job", {
    get: (rules) => rules.drift.deviation,
    set: (deviation, { drift }) => ({ drift: { ...drift, deviation } }),
  }),
  length("dip-every", "a job's draw dips so often, for a checkpoint; 0s: never", {
    get: (rules) => rules.dips.everyMs,
    set: (everyMs, { dips }) => ({ dips: { ...dips, everyMs } }),
  }),
  length("dip-length", "how long a dip is", {
    get: (rules) => rules.dips.lengthMs,
    set: (lengthMs, { dips }) => ({ dips: { ...dips, lengthMs } }),
  }),
  share("dip-keeps", "what a job keeps of its draw above idle in a dip", {
    get: (rules) => rules.dips.keeps,
    set: (keeps, { dips }) => ({ dips: { ...dips, keeps } }),
  }),
  share("reading-noise", "spread of what meters read", {
    get: (rules) => rules.readingNoise,
    set: (readingNoise) => ({ readingNoise }),
  }),
  share("cap-loss", "orders about caps, and answers, that are lost and sent again", {
    get: (rules) => rules.capLossShare,
    set: (capLossShare) => (capLossShare < 1 ? { capLossShare } : undefined),
    isBelowWhole: true,
  }),
  range("cap-delay", "from an order about caps until GPUs hold to it", {
    get: (rules) => rules.capDelayMs,
    set: (capDelayMs) => ({ capDelayMs }),
  }),
  range("start-delay", "from the wish to run until a program runs", {
    get: (rules) => rules.startDelayMs,
    set: (startDelayMs) => ({ startDelayMs }),
  }),
  range("stop-delay", "from the wish to stop until it has", {
    get: (rules) => rules.stopDelayMs,
    set: (stopDelayMs) => ({ stopDelayMs }),
  }),
  length("node-life", "a node fails once in so long on average; 0s: never", {
    get: ({ nodeFailuresPerHour }) =>
      nodeFailuresPerHour === 0 ? 0 : Math.round(hourMs / nodeFailuresPerHour),
    set: (ms) => ({ nodeFailuresPerHour: ms === 0 ? 0 : hourMs / ms }),
  }),
  range("repair", "until a failed node is back", {
    get: (rules) => rules.repairMs,
    set: (repairMs) => ({ repairMs }),
  }),
];

/** Changes a plant by settings as written, the later over the earlier. */
export function setPlant(rules: PlantRules, texts: readonly string[]): SetPlant {
  let changed = rules;
  for (const text of texts) {
    const at = text.indexOf("=");
    const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    const setting = at === -1 ? undefined : plantSettings.find((one) => one.name === name);
    if (setting === undefined) {
      const known = plantSettings.map((one) => one.name).join(", ");
      return {
        kind: "refused",
        message: `"${text}" sets nothing known: write name=value, with one of ${known}`,
      };
    }
    const next = setting.change(changed, value);
    if (next === undefined) {
      return {
        kind: "refused",
        message: `${name} is "${value}", expected ${setting.form}; it is ${setting.show(rules)} otherwise`,
      };
    }
    changed = next;
  }
  return { kind: "rules", rules: changed };
}

interface Field<T> {
  readonly get: (rules: PlantRules) => T;
  /** Undefined: out of bounds. */
  readonly set: (value: T, rules: PlantRules) => Partial<PlantRules> | undefined;
  readonly mayBeNegative?: true;
  readonly isBelowWhole?: true;
}

function settingOf<T>(
  about: Pick<PlantSetting, "name" | "what" | "form">,
  { get, set }: Field<T>,
  { read, write }: { read: (text: string) => T | undefined; write: (value: T) => string },
): PlantSetting {
  return {
    ...about,
    show: (rules) => write(get(rules)),
    change: (rules, text) => {
      const value = read(text);
      const changed = value === undefined ? undefined : set(value, rules);
      return changed === undefined ? undefined : { ...rules, ...changed };
    },
  };
}

function share(name: string, what: string, field: Field<number>): PlantSetting {
  const isSigned = field.mayBeNegative === true;
  const to = field.isBelowWhole === true ? "to less than 100%" : "to 100%";
  const form = `a percentage from ${isSigned ? "-100%" : "0%"} ${to}`;
  return settingOf({ name, what, form }, field, {
    read: (text) => {
      const [, sign = "", digits] = /^(-?)(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(text) ?? [];
      const value = Number(digits) / 100;
      return digits === undefined || value > 1 || (sign !== "" && !isSigned)
        ? undefined
        : sign === ""
          ? value
          : -value;
    },
    write: (value) => `${Number((value * 100).toFixed(6))}%`,
  });
}

function length(name: string, what: string, field: Field<number>): PlantSetting {
  return settingOf({ name, what, form: "a length of time, like 90s or 2h" }, field, {
    read: readLength,
    write: lengthText,
  });
}

function range(name: string, what: string, field: Field<Range>): PlantSetting {
  return settingOf({ name, what, form: "a length of time or two, like 2s or 2s..20s" }, field, {
    read: (text) => {
      const [min, max = min, ...more] = text.split("..").map((one) => readLength(one.trim()));
      return min === undefined || max === undefined || more.length > 0 || min > max
        ? undefined
        : { min, max };
    },
    write: ({ min, max }) =>
      min === max ? lengthText(min) : `${lengthText(min)}..${lengthText(max)}`,
  });
}

function readLength(text: string): number | undefined {
  if (/^0(s|ms)?$/.test(text)) {
    return 0;
  }
  const read = parseMilliseconds(text);
  return read.kind === "ok" ? toNumber(read.value) : undefined;
}

function lengthText(ms: number): string {
  return ms === 0 ? "0s" : formatMilliseconds(milliseconds(Math.round(ms)));
}
