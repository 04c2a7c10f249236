import { instant, toNumber } from "@ertis/quantities";
import type { SubmitItem } from "../words/command.ts";
import type { AttemptStarted, Entry, Event, JobsSubmitted } from "../words/event.ts";
import { decodePlacement, encodePlacement, type EncodedPlacement } from "./placement-codec.ts";
import { type SharedParts, SharedPartsWriter } from "./shared-parts.ts";
import { decodeSpec, encodeSpec, type EncodedSpec } from "./spec-codec.ts";

/** Version of the rows this program writes. It reads this one; older ones get an upgrade step here. */
const entryVersion = 1;

/** A row that this program cannot read: written by a newer one, or not an entry at all. */
export class UnreadableEntry extends Error {
  override readonly name = "UnreadableEntry";
}

type EncodedItem = readonly [requestId: string, bodyHash: number, spec: EncodedSpec];

interface EncodedSubmit {
  readonly kind: "jobs-submitted";
  readonly owner: string;
  readonly firstJob: number;
  readonly items: readonly EncodedItem[];
  readonly shared: SharedParts;
}

type EncodedStart = Omit<AttemptStarted, "placement"> & { readonly placement: EncodedPlacement };

type EncodedEvent = Exclude<Event, JobsSubmitted | AttemptStarted> | EncodedSubmit | EncodedStart;

interface EncodedEntry {
  readonly v: number;
  readonly at: number;
  readonly command: Entry["command"];
  readonly events: readonly EncodedEvent[];
}

/** One row of the log, as JSON. */
export function encodeEntry(entry: Entry): string {
  const encoded: EncodedEntry = {
    v: entryVersion,
    at: toNumber(entry.at),
    command: entry.command,
    events: entry.events.map(encodeEvent),
  };
  return JSON.stringify(encoded);
}

/** @throws UnreadableEntry when the row is of a newer version or no entry. */
export function decodeEntry(payload: string): Entry {
  const encoded = parse(payload);
  return {
    at: instant(encoded.at),
    command: encoded.command,
    events: encoded.events.map(decodeEvent),
  };
}

function encodeEvent(event: Event): EncodedEvent {
  switch (event.kind) {
    case "jobs-submitted":
      return encodeSubmit(event);
    case "attempt-started":
      return { ...event, placement: encodePlacement(event.placement) };
    default:
      return event;
  }
}

function decodeEvent(event: EncodedEvent): Event {
  switch (event.kind) {
    case "jobs-submitted":
      return decodeSubmit(event);
    case "attempt-started":
      return { ...event, placement: decodePlacement(event.placement) };
    default:
      return event;
  }
}

function parse(payload: string): EncodedEntry {
  let value: EncodedEntry;
  try {
    value = JSON.parse(payload);
  } catch (cause) {
    throw new UnreadableEntry("a row of the log is not JSON", { cause });
  }
  if (value?.v !== entryVersion) {
    throw new UnreadableEntry(
      `a row of the log has version ${value?.v}, this program reads ${entryVersion}; start the version that wrote it`,
    );
  }
  return value;
}

function encodeSubmit(event: JobsSubmitted): EncodedSubmit {
  const shared = new SharedPartsWriter();
  const items = event.items.map((item): EncodedItem => [
    item.requestId,
    item.bodyHash,
    encodeSpec(item.spec, shared),
  ]);
  const { kind, owner, firstJob } = event;
  return { kind, owner, firstJob, items, shared: shared.parts };
}

function decodeSubmit(encoded: EncodedSubmit): JobsSubmitted {
  const { kind, owner, firstJob } = encoded;
  const items = encoded.items.map(([requestId, bodyHash, spec]): SubmitItem => ({
    requestId,
    bodyHash,
    spec: decodeSpec(spec, encoded.shared),
  }));
  return { kind, owner, firstJob, items };
}
