import type { Cluster } from "./cluster.ts";
import type { JsonObject } from "./json.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import type { ResourceType } from "./resource-type.ts";

export type LogSeverity = "debug" | "info" | "warning" | "error";

export interface LogEntry {
  readonly severity: LogSeverity;
  readonly message: string;
  readonly urn?: string;
  /** Shown beside the resource while it lasts, and not kept. */
  readonly isEphemeral?: boolean;
}

export type Log = (entry: LogEntry) => void;

/** What every operation on an object needs. */
export interface ResourceContext {
  readonly urn: string;
  readonly token: string;
  readonly type: ResourceType;
  readonly cluster: Cluster;
  readonly settings: ProviderSettings;
  readonly timeoutSeconds: number;
  /** Ends waits; requests on their way may finish. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

export type OperationResult =
  | { readonly kind: "done"; readonly id: string; readonly outputs: JsonObject }
  | {
      /** The object is there but not ready: the state keeps it, and the operation fails. */
      readonly kind: "not-ready";
      readonly id: string;
      readonly outputs: JsonObject;
      readonly inputs: JsonObject;
      readonly reason: string;
    };

/** An expected refusal: shown as it is, without a stack trace. */
export class RefusedError extends Error {}
