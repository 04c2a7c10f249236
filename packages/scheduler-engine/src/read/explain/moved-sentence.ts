import { formatWatts, type Instant, toNumber } from "@ertis/quantities";
import type { MoveCause, MovedBy } from "../curtailments/moved-by.ts";

/** How the reader writes moments and domains. */
export interface MovedFormat {
  readonly time: (epochMs: number) => string;
  readonly domain: (id: string) => string;
}

/** Nodes that are named; of the others their number is told. */
const namedNodesMax = 3;

/** What puts a promised start off, as the end of a sentence; empty: nothing does. */
export function movedSentence(moved: MovedBy | undefined, format: MovedFormat): string {
  if (moved === undefined) {
    return "";
  }
  const causes = moved.causes.map((cause) => causeText(cause, format));
  const [only] = moved.causes;
  const isOne = moved.causes.length === 1 && !(only?.kind === "nodes" && only.nodes.length > 1);
  return `: ${listed(causes)} ${isOne ? "puts" : "together put"} it off from ${format.time(moved.startAtMs)}`;
}

/** What was ordered, by its name, where it holds and until when. */
export function causeText(cause: MoveCause, format: MovedFormat): string {
  switch (cause.kind) {
    case "curtailment": {
      const { id, domain, target, end } = cause.curtailment;
      const { givesBackUntilMs } = cause;
      const until =
        givesBackUntilMs === undefined
          ? `${fromText(cause.fromMs, format)}${untilText(end, format)}`
          : `, over, gives its watts back until ${format.time(givesBackUntilMs)}`;
      return `curtailment "${id}" (${format.domain(domain)} at ${formatWatts(target)}${until})`;
    }
    case "budget": {
      const { id, domain, ceiling, until } = cause.budget;
      const end = until === undefined ? "" : untilText(until, format);
      const text = `${fromText(cause.fromMs, format)}${end}`;
      return `budget "${id}" (${format.domain(domain)} at ${formatWatts(ceiling)}${text})`;
    }
    case "nodes":
      return nodesText(cause.nodes.map((node) => format.domain(node)));
  }
}

function fromText(fromMs: number | undefined, { time }: MovedFormat): string {
  return fromMs === undefined ? "" : ` from ${time(fromMs)}`;
}

function untilText(until: Instant, { time }: MovedFormat): string {
  return ` until ${time(toNumber(until))}`;
}

function nodesText(nodes: readonly string[]): string {
  const more = nodes.length - namedNodesMax;
  const names = [...nodes.slice(0, namedNodesMax), ...(more > 0 ? [`${more} more`] : [])];
  return nodes.length === 1
    ? `the cordoned node ${names.join()}`
    : `${nodes.length} cordoned nodes (${names.join(", ")})`;
}

/** `a, b and c` */
export function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? "";
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(", ")} and ${last}`;
}
