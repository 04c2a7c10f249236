import type { AttemptKey } from "@ertis/scheduler-engine";

/** A promise that was broken. */
export interface Violation {
  readonly property: Property;
  readonly atMs: number;
  readonly message: string;
}

/** The promises that are checked at every event. */
export type Property =
  | "limit"
  | "budget"
  | "draw"
  | "placement"
  | "start"
  | "conservation"
  | "cap"
  | "floor"
  | "promised-start"
  | "quota"
  | "preemption"
  | "ramp"
  | "supply"
  | "target"
  | "time";

export type Report = (property: Property, message: string) => void;

export function keyText({ job, task, attempt }: AttemptKey): string {
  return `job ${job} task ${task} attempt ${attempt}`;
}
