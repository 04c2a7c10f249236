import type { DiagnosticEvent, EngineEvent, PropertyDiff, StepMetadata } from "./engine-event.ts";
import { toResourceName } from "./urn.ts";

export interface ChangeCounts {
  readonly createCount: number;
  readonly updateCount: number;
  readonly replaceCount: number;
  readonly deleteCount: number;
  readonly sameCount: number;
}

/** One resource that a run changes, or would change. */
export interface ResourceChange {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly op: string;
  /** Paths of the properties that differ, such as `spec.topology.version`. */
  readonly properties: readonly PropertyChange[];
}

export interface PropertyChange {
  readonly path: string;
  readonly kind: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface PolicyViolation {
  readonly policy: string;
  readonly message: string;
  readonly resource: string | undefined;
  readonly isMandatory: boolean;
}

export interface RunSummary {
  readonly counts: ChangeCounts;
  readonly changes: readonly ResourceChange[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly violations: readonly PolicyViolation[];
  /** Resources the engine has looked at so far. */
  readonly seenCount: number;
  /** Of these, done or decided. */
  readonly doneCount: number;
  /** Objects that have begun and not ended, oldest first. */
  readonly running: readonly RunningStep[];
}

export interface RunningStep {
  readonly name: string;
  /** What its provider said last, such as what it waits for. */
  readonly note: string | undefined;
}

/** Steps that belong to a `replace`, which is told once. */
const partsOfReplace: readonly string[] = ["create-replacement", "delete-replaced"];
/** What changes nothing outside of the state. */
const quietSteps: readonly string[] = [
  "same",
  "read",
  "read-replacement",
  "refresh",
  "discard",
  "discard-replaced",
  "remove-pending-replace",
];

/** Takes events one by one and knows at any moment what has happened. */
export class RunSummaryBuilder {
  readonly #changes = new Map<string, ResourceChange>();
  readonly #errors = new Map<string, string>();
  readonly #warnings = new Set<string>();
  readonly #violations = new Map<string, PolicyViolation>();
  readonly #seen = new Set<string>();
  readonly #done = new Set<string>();
  /** Urns of objects; components and the stack itself only end with what is in them. */
  readonly #running = new Set<string>();
  readonly #notes = new Map<string, string>();
  /** A refresh looks at what a stack only reads, which no other run counts. */
  readonly #unchangedReads = new Set<string>();
  readonly #counts: Record<string, number> = {};
  #summaryCounts: Readonly<Record<string, number>> | undefined;

  add(event: EngineEvent): void {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    const { diagnosticEvent, policyEvent, summaryEvent } = event;
    if (resourcePreEvent !== undefined) {
      const { urn, old, new: next } = resourcePreEvent.metadata;
      this.#seen.add(urn);
      if ((next ?? old)?.custom === true) {
        this.#running.add(urn);
      }
      this.#addStep(resourcePreEvent.metadata);
    }
    if (resOutputsEvent !== undefined) {
      this.#done.add(resOutputsEvent.metadata.urn);
      this.#running.delete(resOutputsEvent.metadata.urn);
      if (
        resOutputsEvent.metadata.op === "same" &&
        resOutputsEvent.metadata.old?.external === true
      ) {
        this.#unchangedReads.add(resOutputsEvent.metadata.urn);
      }
      this.#addOutcome(resOutputsEvent.metadata);
    }
    if (resOpFailedEvent !== undefined) {
      this.#running.delete(resOpFailedEvent.metadata.urn);
    }
    if (diagnosticEvent !== undefined) {
      this.#addDiagnostic(diagnosticEvent);
    }
    if (policyEvent !== undefined) {
      const { policyName, message, resourceUrn, enforcementLevel } = policyEvent;
      const resource = resourceUrn === undefined || resourceUrn === "" ? undefined : resourceUrn;
      this.#violations.set(`${policyName}\0${message}`, {
        policy: policyName,
        message: toPlainText(message),
        resource: resource === undefined ? undefined : toResourceName(resource),
        isMandatory: enforcementLevel === "mandatory",
      });
    }
    if (summaryEvent?.resourceChanges !== undefined) {
      this.#summaryCounts = summaryEvent.resourceChanges;
    }
  }

  summarize(): RunSummary {
    const counts = this.#summaryCounts ?? this.#counts;
    return {
      counts: {
        createCount: counts["create"] ?? 0,
        updateCount: counts["update"] ?? 0,
        replaceCount: counts["replace"] ?? 0,
        deleteCount: counts["delete"] ?? 0,
        sameCount: Math.max(0, (counts["same"] ?? 0) - this.#unchangedReads.size),
      },
      changes: [...this.#changes.values()],
      errors: [...this.#errors.values()],
      warnings: [...this.#warnings],
      violations: [...this.#violations.values()],
      seenCount: this.#seen.size,
      doneCount: this.#done.size,
      running: [...this.#running].map((urn) => ({
        name: toResourceName(urn),
        note: this.#notes.get(urn),
      })),
    };
  }

  #addStep(metadata: StepMetadata): void {
    const { op, urn, type } = metadata;
    if (partsOfReplace.includes(op)) {
      return;
    }
    // A run that was killed has no summary of its own.
    this.#counts[op] = (this.#counts[op] ?? 0) + 1;
    if (op === "same") {
      // A refresh before it found a field that another writer owns: nobody changes it.
      this.#changes.delete(urn);
    }
    if (!quietSteps.includes(op)) {
      const properties = toPropertyChanges(metadata);
      this.#changes.set(urn, { urn, type, name: toResourceName(urn), op, properties });
    }
  }

  /** A refresh says only afterwards what it found. */
  #addOutcome(metadata: StepMetadata): void {
    const { op, urn, type } = metadata;
    if (op === "refresh" || op === "update" || op === "delete") {
      const properties = toPropertyChanges(metadata);
      if (properties.length > 0 || op === "delete") {
        this.#changes.set(urn, { urn, type, name: toResourceName(urn), op, properties });
      }
    }
  }

  #addDiagnostic({ severity, message, urn, ephemeral }: DiagnosticEvent): void {
    const text = toPlainText(message);
    if (text === "" || ephemeral === true) {
      if (text !== "" && urn !== undefined && severity !== "debug") {
        this.#notes.set(urn, text);
      }
      return;
    }
    if (severity === "error") {
      const isOfResource = urn !== undefined && urn !== "" && !urn.includes("pulumi:pulumi:Stack");
      // The same error is reported by the step, by the program and at the end.
      this.#errors.set(text, isOfResource ? `${toResourceName(urn)}: ${text}` : text);
    } else if (severity === "warning") {
      this.#warnings.add(text);
    }
  }
}

/** Without colours: the engine writes `<{%reset%}>` and escape codes into messages. */
export function toPlainText(message: string): string {
  const withoutMarks = message.replaceAll(/<\{%[^%]*%\}>/g, "");
  // oxlint-disable-next-line no-control-regex -- escape codes of terminals begin with one.
  return withoutMarks.replaceAll(/\u001B\[[0-9;]*m/g, "").trim();
}

function toPropertyChanges(metadata: StepMetadata): readonly PropertyChange[] {
  const { detailedDiff, diffs } = metadata;
  if (detailedDiff !== null && detailedDiff !== undefined) {
    return Object.entries(detailedDiff).map(([path, diff]) =>
      toPropertyChange(metadata, path, diff),
    );
  }
  return (diffs ?? []).map((path) => toPropertyChange(metadata, path, { inputDiff: true }));
}

function toPropertyChange(
  { old, new: next }: StepMetadata,
  path: string,
  { diffKind, inputDiff }: PropertyDiff,
): PropertyChange {
  const before = inputDiff === true ? old?.inputs : old?.outputs;
  const after = inputDiff === true ? next?.inputs : (next?.outputs ?? next?.inputs);
  return {
    path,
    kind: diffKind ?? "update",
    before: readPath(before, path),
    after: readPath(after, path) ?? readPath(next?.inputs, path),
  };
}

/** `a.b[0]["c.d"]` of a value; undefined where the path ends early. */
function readPath(value: unknown, path: string): unknown {
  let current = value;
  for (const [, quoted, index, plain] of path.matchAll(
    /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g,
  )) {
    if (typeof current !== "object" || current === null) {
      return undefined;
    }
    const key = quoted ?? index ?? plain ?? "";
    current = Object.entries(current).find(([name]) => name === key)?.[1];
  }
  return current;
}
