import type { MessagePort } from "node:worker_threads";

import type { LogConflict, Sequence } from "@ertis/scheduler-runtime";

/** Answer to what is merely done. */
export type Done = "done";

/**
 * What a client may ask the worker, and what it gets. Payloads travel as plain strings: the
 * structured clone of a one-byte string is a memory copy, and nothing per row is allocated but it.
 */
export interface Operations {
  readonly append: {
    readonly ask: { readonly payloads: readonly string[]; readonly expectedSequence: Sequence };
    readonly answer: { readonly kind: "appended"; readonly sequence: Sequence } | LogConflict;
  };
  readonly read: {
    readonly ask: { readonly afterSequence: Sequence };
    readonly answer: RowBatch;
  };
  readonly range: {
    readonly ask: object;
    readonly answer: { readonly first: Sequence; readonly last: Sequence };
  };
  readonly latestSnapshot: {
    readonly ask: object;
    readonly answer: SnapshotHeader | undefined;
  };
  readonly readChunk: {
    readonly ask: { readonly snapshotId: number; readonly position: number };
    readonly answer: string;
  };
  readonly beginSnapshot: {
    readonly ask: { readonly sequence: Sequence };
    readonly answer: number;
  };
  readonly writeChunk: {
    readonly ask: { readonly snapshotId: number; readonly chunk: string };
    readonly answer: Done;
  };
  readonly completeSnapshot: {
    readonly ask: { readonly snapshotId: number };
    readonly answer: Done;
  };
  readonly abandonSnapshot: {
    readonly ask: { readonly snapshotId: number };
    readonly answer: Done;
  };
  readonly trim: {
    readonly ask: { readonly upTo: Sequence };
    readonly answer: Done;
  };
  /** Serves one more client, in whatever thread holds the other end of the port. */
  readonly connect: {
    readonly ask: { readonly port: MessagePort };
    readonly answer: Done;
  };
  readonly close: {
    readonly ask: object;
    readonly answer: Done;
  };
}

export type OperationKind = keyof Operations;

/** Consecutive rows; `isEnd` when the log held no more at that moment. */
export interface RowBatch {
  readonly firstSequence: Sequence;
  readonly payloads: readonly string[];
  readonly isEnd: boolean;
}

export interface SnapshotHeader {
  readonly snapshotId: number;
  readonly sequence: Sequence;
  readonly chunkCount: number;
}

export type Request = {
  [Kind in OperationKind]: {
    readonly id: number;
    readonly kind: Kind;
    readonly ask: Operations[Kind]["ask"];
  };
}[OperationKind];

export type RequestOf<Kind extends OperationKind> = Extract<Request, { readonly kind: Kind }>;

/** An error on its way between threads, where classes do not survive. */
export interface WireError {
  readonly kind: string;
  readonly message: string;
  readonly sequence?: Sequence | undefined;
  readonly first?: Sequence | undefined;
  readonly foundFormat?: number | undefined;
  readonly supportedFormat?: number | undefined;
  readonly cause?: { readonly message: string; readonly code: string } | undefined;
}

export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "failed"; readonly id: number | undefined; readonly error: WireError };
