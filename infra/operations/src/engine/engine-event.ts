/** The parts of the engine's events that are read here; everything may be absent. */
export interface EngineEvent {
  readonly timestamp?: number;
  readonly resourcePreEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: DiagnosticEvent;
  readonly policyEvent?: PolicyEvent;
  readonly summaryEvent?: SummaryEvent;
}

export interface StepMetadata {
  /** `same`, `create`, `update`, `delete`, `replace`, `create-replacement`, `delete-replaced`, `refresh`, `read`, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: StepState | null;
  readonly new: StepState | null;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, PropertyDiff>> | null;
}

export interface StepState {
  readonly id?: string;
  readonly custom?: boolean;
  /** Read by the stack, and not its own. */
  readonly external?: boolean;
  readonly protect?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface PropertyDiff {
  /** `add`, `update`, `delete`, and the same with `-replace`. */
  readonly diffKind?: string;
  readonly inputDiff?: boolean;
}

export interface DiagnosticEvent {
  readonly urn?: string;
  readonly message: string;
  readonly severity: string;
  /** Shown while it happens, of no interest later. */
  readonly ephemeral?: boolean;
}

export interface PolicyEvent {
  readonly resourceUrn?: string;
  readonly message: string;
  readonly policyName: string;
  readonly enforcementLevel: string;
}

export interface SummaryEvent {
  readonly durationSeconds?: number;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

/** One line of the engine's output; undefined for what is no event, such as a warning of the command line. */
export function parseEngineEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) {
    return undefined;
  }
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null ? event : undefined;
  } catch {
    return undefined;
  }
}
