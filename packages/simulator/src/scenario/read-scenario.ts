import { parseMilliseconds, parseWatts, toNumber } from "@ertis/quantities";
import type { FlexibilityTier } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import {
  Block,
  didYouMean,
  type FileForm,
  oneOf,
  Problems,
  quotedText,
  readDocument,
  type SiteFileError,
  type TextParser,
  type Value,
  whole,
} from "@ertis/site-model/reader";
import { flexibilityTiers } from "../traces/trace-job.ts";
import {
  type Amount,
  type ScenarioChange,
  type ScenarioEvent,
  scenarioKinds,
} from "./scenario-event.ts";

export type ReadScenario =
  | { readonly kind: "events"; readonly events: readonly ScenarioEvent[] }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };

const form: FileForm = {
  mostProblems: 100,
  deepestLevel: 6,
  refusesAnchors: true,
  unreadable: "nothing",
  advice: {
    empty: 'start with "events:" and one line an event',
    tooLong: " (1 MiB) are read",
    tooDeep: "",
    alias: "write it out",
    duplicate: "key",
    duplicated: "remove one",
  },
};

const yearMs = 366 * 86_400_000;

/** Reads an events file against the site it is for. A wrong file gives all of its mistakes at once. */
export function readScenario(file: string, text: string, site: Site): ReadScenario {
  const problems = new Problems(file, form);
  const document = readDocument(text, problems);
  const events: ScenarioEvent[] = [];
  if (document !== undefined) {
    const top = Block.open(problems, document, { what: "an events file", keys: ["events"] });
    for (const item of top?.list("events", "{at: 2h, kind: node-failure, nodes: 3}") ?? []) {
      const event = readEvent(problems, item, site);
      if (event !== undefined) {
        events.push(event);
      }
    }
    checkTogether(problems, events);
  }
  return problems.count > 0
    ? { kind: "errors", errors: problems.sorted().map(namingField) }
    : { kind: "events", events: events.toSorted((a, b) => a.atMs - b.atMs) };
}

/** An event has several fields on one line, so a message about one starts with it; those about unknown words name it. */
function namingField(error: SiteFileError): SiteFileError {
  const field = /\.(\w+)$/.exec(error.path)?.[1];
  return field === undefined || error.message.startsWith("unknown ")
    ? error
    : { ...error, message: `${field}: ${error.message}` };
}

const keysOf: Readonly<Record<ScenarioChange["kind"], readonly string[]>> = {
  budget: ["domain", "ceiling", "for", "notice"],
  curtailment: ["id", "domain", "target", "for", "notice", "ramp", "mode", "giveUp"],
  "cancel-curtailment": ["id"],
  "node-failure": ["domain", "nodes", "repair"],
  "feed-loss": ["domain", "left", "for"],
  cooling: ["domain", "factor", "for", "notice"],
  "stale-telemetry": ["for"],
  "stuck-caps": ["for"],
  "cluster-away": ["for"],
  "clock-step": ["by"],
};

function readEvent(problems: Problems, item: Value, site: Site): ScenarioEvent | undefined {
  const kind = kindOf(problems, item);
  if (kind === undefined) {
    return undefined;
  }
  const block = Block.open(problems, item, {
    what: `an event of kind ${kind}`,
    keys: ["at", "kind", ...keysOf[kind]],
  });
  const before = problems.count;
  const atMs = block?.text("at", duration, "2h")?.value;
  const change = block === undefined ? undefined : readChange(block, kind, site);
  return atMs === undefined || change === undefined || problems.count > before
    ? undefined
    : { atMs, line: item.at.line, ...change };
}

/** The kind decides which other keys may stand there, so it is read before the block is. */
function kindOf(problems: Problems, item: Value): ScenarioChange["kind"] | undefined {
  const written = item.kind === "map" ? item.entries.get("kind") : undefined;
  const example = `{at: 2h, kind: node-failure, nodes: 3}`;
  if (item.kind !== "map" || written?.value.kind !== "text") {
    problems.add(item.at, `an event is a block with a kind: write for example ${example}`);
    return undefined;
  }
  const { text } = written.value;
  const found = scenarioKinds.find((one) => one === text);
  if (found === undefined) {
    problems.add(
      written.value.at,
      `unknown kind ${quotedText(text)}${didYouMean(text, scenarioKinds)}: allowed are ${scenarioKinds.join(", ")}`,
    );
  }
  return found;
}

function readChange(
  block: Block,
  kind: ScenarioChange["kind"],
  site: Site,
): ScenarioChange | undefined {
  const domain = (): number => block.optionalText("domain", domainOf(site))?.value ?? 0;
  const forMs = (): number => block.text("for", duration, "2h")?.value ?? 0;
  const optionalMs = (key: string): number => block.optionalText(key, duration)?.value ?? 0;
  const inWatts = (key: string): Amount =>
    block.text(key, amount, "70 %")?.value ?? { kind: "share", share: 1 };
  switch (kind) {
    case "budget":
      return {
        kind,
        domain: domain(),
        ceiling: inWatts("ceiling"),
        forMs: forMs(),
        noticeMs: optionalMs("notice"),
      };
    case "curtailment": {
      const mode =
        block.optionalText("mode", oneOf(["planned", "emergency"] as const))?.value ?? "planned";
      return {
        kind,
        id: block.optionalText("id", name)?.value ?? `curtailment-${block.at.line}`,
        domain: domain(),
        target: inWatts("target"),
        forMs: forMs(),
        noticeMs: optionalMs("notice"),
        rampMs: optionalMs("ramp"),
        mode,
        giveUp: block.optionalText("giveUp", tiersOf(mode))?.value ?? [],
      };
    }
    case "cancel-curtailment":
      return { kind, id: block.text("id", name, "evening-peak")?.value ?? "" };
    case "node-failure":
      return {
        kind,
        domain: domain(),
        nodeCount: block.optionalText("nodes", whole(1, site.nodes.length))?.value ?? 1,
        repairMs: block.optionalText("repair", duration)?.value,
      };
    case "feed-loss":
      return { kind, domain: domain(), left: inWatts("left"), forMs: forMs() };
    case "cooling":
      return readCooling(block, site, domain());
    case "stale-telemetry":
    case "stuck-caps":
    case "cluster-away":
      return { kind, forMs: forMs() };
    case "clock-step":
      return { kind, byMs: block.text("by", signedDuration, "-30s")?.value ?? 0 };
  }
}

function readCooling(block: Block, site: Site, domain: number): ScenarioChange {
  const { numerator = 1, denominator = 1 } = site.domains[domain]?.loadFactor ?? {};
  const now = numerator / denominator;
  const larger: TextParser<number> = (text) => {
    const factor = /^\d(\.\d{1,4})?$/.test(text.trim()) ? Number(text) : Number.NaN;
    return factor > now && factor <= 3
      ? { value: factor }
      : {
          wrong: `${quotedText(text)} is no load factor above the ${now} of ${site.domains[domain]?.id ?? ""}: write a number up to 3, like 1.35`,
        };
  };
  return {
    kind: "cooling",
    domain,
    factor: block.text("factor", larger, "1.35")?.value ?? now,
    forMs: block.text("for", duration, "6h")?.value ?? 0,
    noticeMs: block.optionalText("notice", duration)?.value ?? 0,
  };
}

/** What no single line shows. */
function checkTogether(problems: Problems, events: readonly ScenarioEvent[]): void {
  const ids = new Map<string, number>();
  for (const event of events) {
    if (event.kind === "curtailment") {
      const earlier = ids.get(event.id);
      if (earlier !== undefined) {
        problems.add(
          { line: event.line, column: 1, path: "events" },
          `a curtailment with the id ${quotedText(event.id)} stands on line ${earlier} already: give another id`,
        );
      }
      ids.set(event.id, event.line);
    }
  }
  for (const event of events) {
    if (event.kind === "cancel-curtailment" && !ids.has(event.id)) {
      problems.add(
        { line: event.line, column: 1, path: "events" },
        `no curtailment has the id ${quotedText(event.id)}: known are ${[...ids.keys()].join(", ") || "none"}`,
      );
    }
  }
}

const duration: TextParser<number> = (text) => {
  const read = parseMilliseconds(text);
  if (text.trim() === "0") {
    return { value: 0 };
  }
  if (read.kind === "error") {
    return { wrong: read.message };
  }
  const ms = toNumber(read.value);
  return ms <= yearMs
    ? { value: ms }
    : { wrong: `${quotedText(text)} is more than a year: write at most 366d` };
};

const signedDuration: TextParser<number> = (text) => {
  const isBack = text.trim().startsWith("-");
  const read = duration(isBack ? text.trim().slice(1) : text);
  return "value" in read && isBack ? { value: -read.value } : read;
};

const amount: TextParser<Amount> = (text) => {
  const share = /^(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(text.trim())?.[1];
  if (share !== undefined) {
    const value = Number(share) / 100;
    return value <= 1
      ? { value: { kind: "share", share: value } }
      : { wrong: `${quotedText(text)} is more than all: write at most 100 %` };
  }
  const read = parseWatts(text);
  return read.kind === "ok"
    ? { value: { kind: "watts", watts: toNumber(read.value) } }
    : { wrong: `${quotedText(text)} is neither a power nor a share: write 250 kW or 70 %` };
};

/** `50`, or `50,25`; tier 0 only in an emergency. */
function tiersOf(mode: "planned" | "emergency"): TextParser<readonly FlexibilityTier[]> {
  return (text) => {
    const allowed = flexibilityTiers.filter((tier) => tier > 0 || mode === "emergency");
    const named = text.split(",").map((one) => one.trim());
    if (mode === "planned" && named.includes("0")) {
      return {
        wrong:
          "a planned curtailment keeps the floors of jobs that tolerate nothing: leave 0 out, or add mode: emergency",
      };
    }
    const tiers = allowed.filter((tier) => named.includes(String(tier))).toReversed();
    return tiers.length > 0 && tiers.length === named.length
      ? { value: tiers }
      : {
          wrong: `${quotedText(text)} is no list of tiers that it may give up: write some of ${allowed.toReversed().join(",")}, each once`,
        };
  };
}

const name: TextParser<string> = (text) =>
  /^[\w.-]{1,63}$/.test(text)
    ? { value: text }
    : { wrong: `${quotedText(text)} is not a name: letters, digits, dots and dashes` };

/** By its full path, by the path below the site, or `feed`. */
function domainOf(site: Site): TextParser<number> {
  return (text) => {
    const found = site.domains.find(
      ({ id, parentIndex }) =>
        id === text || id === `${site.id}/${text}` || (parentIndex === -1 && text === "feed"),
    );
    const known = site.domains.map(({ id }) => id);
    return found === undefined
      ? {
          wrong: `${quotedText(text)} is no domain of ${site.id}${didYouMean(text, known)}: write feed, or a path like ${known[1] ?? site.id}`,
        }
      : { value: found.index };
  };
}
