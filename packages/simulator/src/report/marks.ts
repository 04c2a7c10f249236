import type { Simulation } from "../run/simulation.ts";
import type { ScenarioEvent } from "../scenario/scenario-event.ts";

/** Something that happened to the site, to be marked in plots. */
export interface Mark {
  readonly kind: "curtailment" | "supply" | "failure" | "unheard";
  readonly text: string;
  /** Of everything below it. */
  readonly domain: string;
  readonly fromMs: number;
  /** As `fromMs`: a moment. */
  readonly untilMs: number;
}

/** Failures that are nearer than this part of the run are one mark: no plot tells them apart. */
const failurePart = 1 / 200;

/** What was ordered and accepted, lost, or out of reach, in the order in which it began. */
export function marksOf({ input, recorder, startMs, nowMs }: Simulation): readonly Mark[] {
  const idOf = (domain: number): string => input.site.domains[domain]?.id ?? "";
  const cancelledMs = new Map(
    input.events.flatMap((event) =>
      event.kind === "cancel-curtailment" ? [[event.id, startMs + event.atMs]] : [],
    ),
  );
  const ordered = input.events.flatMap((event): readonly Mark[] => {
    const what = whatOf(event);
    if (what === undefined || !("forMs" in event)) {
      return [];
    }
    const isCurtailment = event.kind === "curtailment";
    if (isCurtailment && !recorder.curtailed.has(event.id)) {
      return [];
    }
    const fromMs = startMs + event.atMs + (isCurtailment ? event.noticeMs : 0);
    const endMs = isCurtailment ? (cancelledMs.get(event.id) ?? Infinity) : Infinity;
    const domain = idOf("domain" in event ? event.domain : 0);
    return [{ ...what, domain, fromMs, untilMs: Math.min(fromMs + event.forMs, endMs) }];
  });
  return [...ordered, ...failuresOf(recorder.lostNodes, idOf, (nowMs - startMs) * failurePart)]
    .filter(({ fromMs, untilMs }) => fromMs < nowMs && untilMs >= fromMs)
    .map((mark) => ({ ...mark, untilMs: Math.min(mark.untilMs, nowMs) }))
    .toSorted((a, b) => a.fromMs - b.fromMs);
}

function whatOf(event: ScenarioEvent): Pick<Mark, "kind" | "text"> | undefined {
  switch (event.kind) {
    case "curtailment":
      return { kind: "curtailment", text: `curtailment ${event.id}` };
    case "feed-loss":
      return { kind: "supply", text: "lost supply" };
    case "stale-telemetry":
      return { kind: "unheard", text: "stale telemetry" };
    case "stuck-caps":
      return { kind: "unheard", text: "stuck caps" };
    case "cluster-away":
      return { kind: "unheard", text: "cluster away" };
    default:
      return undefined;
  }
}

/** A node that was found to be lost. */
export interface LostNode {
  readonly atMs: number;
  /** Position of the domain that holds it. */
  readonly domain: number;
}

function failuresOf(
  lost: readonly LostNode[],
  idOf: (domain: number) => string,
  togetherMs: number,
): readonly Mark[] {
  const groups: { domain: string; fromMs: number; count: number }[] = [];
  const latest = new Map<string, (typeof groups)[number]>();
  for (const { atMs, domain: at } of lost) {
    const domain = idOf(at);
    const group = latest.get(domain);
    if (group !== undefined && atMs - group.fromMs <= togetherMs) {
      group.count += 1;
    } else {
      const next = { domain, fromMs: atMs, count: 1 };
      groups.push(next);
      latest.set(domain, next);
    }
  }
  return groups.map(({ domain, fromMs, count }) => ({
    kind: "failure",
    text: count === 1 ? "a node lost" : `${count} nodes lost`,
    domain,
    fromMs,
    untilMs: fromMs,
  }));
}

/** Does it concern a domain: is it of one above it, or of a part of it? */
export function concerns({ domain }: Mark, shown: string): boolean {
  return isWithin(domain, shown) || isWithin(shown, domain);
}

function isWithin(domain: string, outer: string): boolean {
  return domain === outer || domain.startsWith(`${outer}/`);
}
